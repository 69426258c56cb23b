//! Every `POST` that changes something, executed once for an `Idempotency-Key` (`CATALOGUE RE-05`).

use gancho_edge::{
    http::{Answer, Call},
    idempotency::{self, Reply, Reservation},
    problem::ApiError,
    query::Query,
};

use crate::App;

/// Executes a `POST`, or replies with the stored response.
pub(crate) async fn post(
    app: &App,
    call: &Call,
    operation: impl AsyncFnOnce(&App, &Call, &Reservation) -> Result<Reply, ApiError>,
) -> Answer {
    Query::of(call, &[])?;
    let request = async |reservation| operation(app, call, &reservation).await;
    idempotency::execute(&app.store, call, (app.deps.ids.token(), app.deps.clock.now()), request)
        .await
}
