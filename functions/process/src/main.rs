//! The process function, which processes stored webhooks.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

use std::sync::Arc;

use lambda_runtime::{Error, run, service_fn};
use process::App;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app =
        Arc::new(App::new(gancho_edge::start(|tables| &tables.config, process::QUEUES).await?));
    run(service_fn(move |event| {
        let app = Arc::clone(&app);
        async move { process::handle(&app, event).await }
    }))
    .await
}
