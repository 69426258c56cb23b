//! The tally function, which counts the records of the history's and the deliveries' streams.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

use std::sync::Arc;

use lambda_runtime::{Error, run, service_fn};
use tally::App;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app =
        Arc::new(App::new(gancho_edge::start(|tables| &tables.tallies, tally::QUEUES).await?));
    run(service_fn(move |event| {
        let app = Arc::clone(&app);
        async move { tally::handle(&app, event).await }
    }))
    .await
}
