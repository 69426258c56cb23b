//! A request with an `Idempotency-Key` that comes again is answered as it was (`CATALOGUE RE-05`).
//!
//! One that was killed halfway is gone on with by its repetition: what it makes has names that
//! derive from the key and from the time at which the request came first.

use gancho_domain::{common::ids::WorkspaceId, inbound::webhook::WebhookKey};
pub(crate) use gancho_edge::idempotency::Done;
use gancho_edge::{
    http::{Answer, Call},
    idempotency::{self, Turn},
    problem::ApiError,
};
use jiff::Timestamp;

use crate::{
    App,
    bulk::{self, JobRequest},
    single,
};

/// The right to do what a request asks for.
#[derive(Debug, Clone)]
pub(crate) struct Reservation {
    /// When it was asked for first.
    pub(crate) at: Timestamp,
    /// The text of the key.
    pub(crate) key: Option<String>,
}

/// What a request asks for.
#[derive(Debug)]
pub(crate) enum Request {
    /// One run more of a webhook.
    Run(WebhookKey),
    /// A job.
    Job(Box<JobRequest>),
}

/// Does what a request asks for, unless it was done or is under way.
pub(crate) async fn once(app: &App, call: &Call, ws: WorkspaceId, asked: Request) -> Answer {
    match idempotency::begin(&app.store, call, ws, &app.writer(), app.clock.now()).await? {
        Turn::Answered(answer) => Ok(*answer),
        Turn::Mine(turn) => {
            let reservation = Reservation { at: turn.at, key: turn.key().map(str::to_owned) };
            let made = make(app, call, asked, reservation).await;
            turn.end(&app.store, made).await
        }
    }
}

async fn make(
    app: &App,
    call: &Call,
    asked: Request,
    reservation: Reservation,
) -> Result<Done, ApiError> {
    match asked {
        Request::Run(key) => single::reprocess(app, key, reservation).await,
        Request::Job(wanted) => bulk::create(app, call, *wanted, reservation).await,
    }
}
