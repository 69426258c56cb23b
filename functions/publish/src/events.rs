//! Publishes an event.
//!
//! An event with a producer's `id` (or, without one, an `Idempotency-Key`) is accepted only once
//! within 24 hours. A repeated request gets the same response; other content under the same id is
//! 409 `idempotency_mismatch`. The event's own id derives from that id and the time of the first
//! request, so a retry after an interrupted request completes it and creates no second event.

use gancho_domain::{
    common::{
        code::Code,
        ids::{EventId, WorkspaceId},
        workspace::Workspace,
    },
    outbound::event::{About, DATA, Event, EventCause, EventType, SUBJECT},
};
use gancho_edge::{
    http::{Answer, Call},
    idempotency::{self, Reply, Reservation},
    problem::ApiError,
    query::Query,
    validate,
};
use gancho_store::{StoreError, idempotency::IdempotencyKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::App;

/// The longest id of a producer, in characters.
const ID: usize = 255;
/// The longest status of a subject, in characters.
const STATUS: usize = 64;

/// The response: the id of the accepted event.
#[derive(Debug, Serialize)]
struct Published {
    id: EventId,
}

/// An event as a producer sends it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewEvent {
    #[serde(rename = "type")]
    name: EventType,
    subject: String,
    #[serde(default)]
    subject_status: Option<String>,
    #[serde(default)]
    occurred_at: Option<String>,
    data: Value,
    #[serde(default, skip_serializing)]
    id: Option<String>,
}

/// `POST /v1/events`.
pub(crate) async fn publish(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    let workspace = app.workspace(ws).await?;
    let new = NewEvent::read(call)?;
    let now = app.deps.clock.now();
    let occurred_at = new.occurred_at()?;
    let writer = app.deps.ids.token();
    let key = new.idempotency_key(call, ws, &writer)?;
    let request = |reservation: Reservation| async move {
        let (at, entropy) = (reservation.at, app.deps.ids.entropy());
        let id = match reservation.key() {
            None => EventId::new(at, &entropy),
            Some(key) => EventId::derived(at, &["published", &ws.key(), key]),
        };
        let event = new.into_event(&workspace, (id, at), occurred_at.unwrap_or(at));
        match app.store.put_event(ws, &event, &reservation.writer).await {
            // The event exists: an earlier attempt of the same request wrote it and did not respond.
            Ok(()) | Err(StoreError::Condition) => {}
            Err(error) => return Err(too_large(error)),
        }
        tracing::info!(workspace.id = %ws, event.id = %event.id, "event taken");
        Reply::of(202, &Published { id: event.id })
    };
    idempotency::execute_with(&app.store, (key, ws), (writer, now), request).await
}

fn too_large(error: StoreError) -> ApiError {
    match error {
        StoreError::TooLarge => ApiError::new(413, Code::EventTooLarge).with("limit", DATA),
        StoreError::Condition
        | StoreError::Busy(_)
        | StoreError::Corrupt(_)
        | StoreError::BodyMissing
        | StoreError::BodyChanged
        | StoreError::Unavailable(_) => error.into(),
    }
}

impl NewEvent {
    fn read(call: &Call) -> Result<Self, ApiError> {
        let new: Self = call.json()?;
        if !new.data.is_object() {
            return Err(ApiError::invalid("data", "wrong_type"));
        }
        if new.data.to_string().len() > DATA {
            let error = ApiError::new(413, Code::EventTooLarge).with("limit", DATA);
            return Err(error.with("path", "data"));
        }
        validate::text("subject", &new.subject, SUBJECT)?;
        let status = new.subject_status.as_deref();
        status.map(|status| validate::text("subject_status", status, STATUS)).transpose()?;
        let id = new.id.as_deref();
        id.map(|id| validate::text("id", id, ID)).transpose()?;
        Ok(new)
    }

    fn occurred_at(&self) -> Result<Option<Timestamp>, ApiError> {
        let read = |text: &String| {
            text.parse().map_err(|_| ApiError::invalid("occurred_at", "invalid_date"))
        };
        self.occurred_at.as_ref().map(read).transpose()
    }

    /// The idempotency key: the producer's id, else the header `Idempotency-Key`.
    fn idempotency_key(
        &self,
        call: &Call,
        ws: WorkspaceId,
        writer: &str,
    ) -> Result<Option<IdempotencyKey>, ApiError> {
        let header = idempotency::header(call)?;
        let Some(id) = self.id.as_deref().or(header) else { return Ok(None) };
        let content = serde_json::to_vec(self).map_err(ApiError::internal)?;
        // The prefix separates it from the keys of other API requests.
        let key = format!("event {id}");
        Ok(Some(IdempotencyKey::new(ws, &key, &[b"event", &content], writer.to_owned())))
    }

    fn into_event(
        self,
        workspace: &Workspace,
        (id, at): (EventId, Timestamp),
        occurred_at: Timestamp,
    ) -> Event {
        Event {
            id,
            types: vec![self.name],
            subject: self.subject.trim().to_owned(),
            subject_status: self.subject_status.map(|status| status.trim().to_owned()),
            occurred_at,
            about: About::default(),
            data: self.data,
            cause: EventCause::Producer,
            hops: 0,
            expires_at: workspace.outbound_ends(at),
        }
    }
}
