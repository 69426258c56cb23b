//! Runs the reprocess function.

use std::sync::Arc;

use lambda_runtime::{Error, run, service_fn};
use reprocess::App;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app =
        Arc::new(App::new(gancho_edge::start(|tables| &tables.config, reprocess::QUEUES).await?));
    run(service_fn(move |event| {
        let app = Arc::clone(&app);
        async move { reprocess::handle(&app, event).await }
    }))
    .await
}
