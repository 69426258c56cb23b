//! The dispatch function.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

use std::sync::Arc;

use dispatch::App;
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app =
        Arc::new(App::new(gancho_edge::start(|tables| &tables.config, dispatch::QUEUES).await?));
    run(service_fn(move |event| {
        let app = Arc::clone(&app);
        async move { dispatch::handle(&app, event).await }
    }))
    .await
}
