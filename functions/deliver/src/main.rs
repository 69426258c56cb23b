//! The deliver function.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

use std::sync::Arc;

use deliver::App;
use gancho_edge::{Deps, telemetry};
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let app = Arc::new(App::new(Deps::from_env().await?));
    run(service_fn(move |event| {
        let app = Arc::clone(&app);
        async move { deliver::handle(&app, event).await }
    }))
    .await
}
