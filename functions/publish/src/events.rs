//! Somebody tells of something that happened.
//!
//! An event with an `id` of its producer's (or, without one, an `Idempotency-Key`) is taken once
//! within 24 hours: the same again is answered as before, other content under the same id is 409
//! `idempotency_mismatch`. The event's own id derives from that id and the time of the first
//! request, so that one which was killed half way is gone on with and makes nothing twice.

use gancho_domain::{
    common::{
        code::Code,
        ids::{EventId, WorkspaceId},
        workspace::{Role, Workspace},
    },
    outbound::event::{About, DATA, Event, EventCause, EventType, SUBJECT},
};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
};
use gancho_store::{
    StoreError,
    idempotency::{IdempotencyKey, KeptAnswer, KeyState},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{App, no_query};

/// The longest id that a producer gives, in characters.
const ID: usize = 255;
/// The longest status of a subject, in characters.
const STATUS: usize = 64;

/// What a producer tells.
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
    let ws = call.workspace(Role::Operator)?;
    no_query(call)?;
    let workspace = app.workspace(ws).await?;
    let told = NewEvent::read(call)?;
    let now = app.deps.clock.now();
    let occurred_at = told.occurred_at()?;
    let writer = app.writer();
    let Some(once) = told.once(call, ws, &writer)? else {
        let id = EventId::new(now, &app.deps.ids.entropy());
        let event = told.into_event(&workspace, (id, now), occurred_at.unwrap_or(now));
        app.store.put_event(ws, &event, &writer).await.map_err(too_large)?;
        return taken(ws, &event);
    };
    match app.store.begin_idempotent(&once, now).await? {
        KeyState::First(at) => {
            let id = EventId::derived(at, &["published", &ws.key(), &once.key]);
            let event = told.into_event(&workspace, (id, at), occurred_at.unwrap_or(at));
            keep(app, ws, (&event, &once), &writer).await
        }
        KeyState::Done(kept) => {
            let mut response = http::json(kept.status, &kept.body)?;
            http::header(&mut response, "idempotent-replayed", "true");
            Ok(response)
        }
        KeyState::Mismatch => Err(ApiError::new(409, Code::IdempotencyMismatch)),
        KeyState::Running => Err(ApiError::new(409, Code::IdempotencyInProgress)),
    }
}

/// Writes an event that has an id of its producer's, and what is answered whoever sends it again.
async fn keep(
    app: &App,
    ws: WorkspaceId,
    (event, once): (&Event, &IdempotencyKey),
    writer: &str,
) -> Answer {
    match app.store.put_event(ws, event, writer).await {
        // There already: written by the same request, which was killed before it was answered.
        Ok(()) | Err(StoreError::Condition) => {}
        Err(StoreError::TooLarge) => {
            app.store.abandon_idempotent(once).await?;
            return Err(too_large(StoreError::TooLarge));
        }
        Err(error) => return Err(error.into()),
    }
    let kept = KeptAnswer { status: 202, body: shown(event), version: None };
    if let Err(error) = app.store.finish_idempotent(once, &kept).await {
        tracing::warn!(error.cause = %error, "an answer was not kept for its key");
    }
    taken(ws, event)
}

fn taken(ws: WorkspaceId, event: &Event) -> Answer {
    tracing::info!(workspace.id = %ws, event.id = %event.id, "event taken");
    http::json(202, &shown(event))
}

fn shown(event: &Event) -> Value {
    json!({ "id": event.id })
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
        let told: Self = call.json()?;
        if !told.data.is_object() {
            return Err(ApiError::invalid("data", "wrong_type"));
        }
        if told.data.to_string().len() > DATA {
            let error = ApiError::new(413, Code::EventTooLarge).with("limit", DATA);
            return Err(error.with("path", "data"));
        }
        text("subject", &told.subject, SUBJECT)?;
        let status = told.subject_status.as_deref();
        status.map_or(Ok(()), |status| text("subject_status", status, STATUS))?;
        let id = told.id.as_deref();
        id.map_or(Ok(()), |id| text("id", id, ID))?;
        Ok(told)
    }

    fn occurred_at(&self) -> Result<Option<Timestamp>, ApiError> {
        let read = |text: &String| {
            text.parse().map_err(|_| ApiError::invalid("occurred_at", "invalid_date"))
        };
        self.occurred_at.as_ref().map(read).transpose()
    }

    /// The producer's id, under which the same content is taken once.
    fn once(
        &self,
        call: &Call,
        ws: WorkspaceId,
        writer: &str,
    ) -> Result<Option<IdempotencyKey>, ApiError> {
        let header = call.request.headers().contains_key("idempotency-key").then(|| {
            let key = call.header("idempotency-key").unwrap_or_default().trim();
            text("Idempotency-Key", key, ID).map(|()| key)
        });
        let Some(id) = self.id.as_deref().or(header.transpose()?) else { return Ok(None) };
        let content = serde_json::to_vec(self).map_err(ApiError::internal)?;
        // Apart from the keys of the API's other requests.
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

/// A text of 1 to `max` characters that holds nothing invisible.
fn text(path: &str, text: &str, max: usize) -> Result<(), ApiError> {
    let text = text.trim();
    let turns = |c: char| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let reason = if text.is_empty() {
        "required"
    } else if text.contains('\0') {
        "nul"
    } else if text.chars().any(|c| c.is_control() || turns(c)) {
        "control_character"
    } else if text.chars().count() > max {
        "too_long"
    } else {
        return Ok(());
    };
    Err(ApiError::invalid(path, reason))
}
