//! The manage function on AWS Lambda.

use lambda_http::request::LambdaRequest;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use manage::{App, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &App::new(gancho_edge::start(|tables| &tables.config, manage::QUEUES).await?);
    run(service_fn(move |event: LambdaEvent<LambdaRequest>| handle(app, event))).await
}
