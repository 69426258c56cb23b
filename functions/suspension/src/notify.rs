//! Notifies people: writes the notice's row, publishes it to SNS, then marks it as sent. The
//! schedule publishes notices that SNS did not accept.

use aws_sdk_sns::types::MessageAttributeValue;
use gancho_domain::{
    common::ids::WorkspaceId,
    outbound::{
        endpoint::Endpoint,
        gate::Suspended,
        health::FailedAttempt,
        notice::{Held, Notice, NoticeKind, Setting},
    },
};
use gancho_store::cause;
use jiff::Timestamp;

use crate::{App, Error};

/// Held deliveries are counted up to this many.
const COUNTED: u32 = 1_000;
/// Notices that are published at a time.
const PAGE: usize = 25;

/// The content of a notice.
pub(crate) struct What {
    pub(crate) kind: NoticeKind,
    /// The time of the occurrence: the same in a second execution.
    pub(crate) at: Timestamp,
    /// Distinguishes the notice from others of its kind and time.
    pub(crate) cause: String,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) attempts: Vec<FailedAttempt>,
    pub(crate) probe_at: Option<Timestamp>,
}

/// The cause text of a suspension: its start and its last attempt. Two gates may close in the same
/// millisecond, but never for the same attempt.
pub(crate) fn suspension(by: &Suspended) -> String {
    let last = by.attempts.last().map(|last| format!(" {} {}", last.delivery, last.attempt));
    format!("{}{}", by.since.as_millisecond(), last.unwrap_or_default())
}

/// Writes a notice and publishes it. A notice that was written before is left to the schedule.
pub(crate) async fn send(app: &App, ws: WorkspaceId, what: What) -> Result<(), Error> {
    if let Some(notice) = written(app, ws, what).await? {
        publish(app, ws, &notice).await;
    }
    Ok(())
}

/// Writes a notice, to be published later.
pub(crate) async fn write(app: &App, ws: WorkspaceId, what: What) -> Result<(), Error> {
    written(app, ws, what).await.map(drop)
}

/// Publishes unsent notices; returns the number of published ones. A failure is logged, and the
/// schedule tries again.
pub(crate) async fn unsent(app: &App, ws: WorkspaceId) -> usize {
    let notices = match app.store.unsent_notices(ws, PAGE).await {
        Ok(notices) => notices,
        Err(error) => {
            tracing::warn!(workspace.id = %ws, error.cause = %error, "notices were not read");
            return 0;
        }
    };
    let mut published = 0;
    for notice in notices {
        published += usize::from(publish(app, ws, &notice).await);
    }
    published
}

async fn written(app: &App, ws: WorkspaceId, what: What) -> Result<Option<Notice>, Error> {
    let Some(workspace) = app.store.workspace(ws).await? else { return Ok(None) };
    let zone = workspace.zone();
    let setting = Setting {
        language: workspace.notice_language,
        zone: &zone,
        base_url: app.deps.settings.public_base_url.as_deref().unwrap_or_default(),
        endpoints: &what.endpoints,
        attempts: &what.attempts,
        held: held(app, ws, &what.endpoints).await?,
        probe_at: what.probe_at,
    };
    let notice = Notice::new(what.kind, what.at, &[&ws.key(), &what.cause], &setting);
    let new = app.store.put_notice(ws, &notice).await?;
    Ok(new.then_some(notice))
}

async fn held(app: &App, ws: WorkspaceId, endpoints: &[Endpoint]) -> Result<Held, Error> {
    let mut held = 0;
    for endpoint in endpoints {
        held += app.store.held_count(ws, endpoint.id, COUNTED - held).await?;
        if held >= COUNTED {
            return Ok(Held::AtLeast(COUNTED));
        }
    }
    Ok(Held::Exactly(held))
}

async fn publish(app: &App, ws: WorkspaceId, notice: &Notice) -> bool {
    let text = |value: &str| {
        let value = MessageAttributeValue::builder().data_type("String").string_value(value);
        value.build().ok()
    };
    let call = app
        .deps
        .sns
        .publish()
        .topic_arn(app.deps.settings.notices_topic.as_deref().unwrap_or_default())
        .subject(notice.subject())
        .message(&notice.text)
        .set_message_attributes(Some(
            [("workspace", text(&ws.to_string())), ("kind", text(notice.kind.as_str()))]
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect(),
        ));
    let sent = match call.send().await {
        Ok(_) => app.store.notice_sent(ws, notice.id).await.map_err(|error| error.to_string()),
        Err(error) => Err(cause(&error)),
    };
    if let Err(cause) = &sent {
        tracing::warn!(notice.id = %notice.id, error.cause = cause, "a notice was not published");
    }
    sent.is_ok()
}
