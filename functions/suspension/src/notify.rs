//! Notifies people: writes the notice's row, publishes it to SNS, then marks it as sent. The
//! schedule publishes notices that SNS did not accept.

use std::collections::BTreeMap;

use aws_sdk_sns::types::MessageAttributeValue;
use futures::{StreamExt, stream};
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
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error};

/// Held deliveries are counted up to this many.
const COUNTED: u32 = 1_000;
/// Notices that are published in one run of the schedule, at most, and side by side.
const AT_MOST: usize = 100;
const SIDE_BY_SIDE: usize = 8;
/// Unsent notices that are read in one run: those that are published are chosen from them.
const READ: usize = 5_000;
/// The time after which a run begins to publish no other notice: a topic that does not answer does
/// not delay the timers.
const FOR: SignedDuration = SignedDuration::from_secs(10);

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

/// Publishes the unsent notices of a workspace. A failure is logged, and the schedule tries again.
pub(crate) async fn unsent_of(app: &App, ws: WorkspaceId) {
    let until = app.now().checked_add(FOR).unwrap_or(Timestamp::MAX);
    if let Err(error) = some_unsent(app, Some(ws), until).await {
        tracing::warn!(workspace.id = %ws, error.cause = %error, "notices were not read");
    }
}

/// Publishes unsent notices of all workspaces; returns the number of published ones.
pub(crate) async fn unsent(app: &App, deadline: Timestamp) -> usize {
    let until = app.now().checked_add(FOR).unwrap_or(deadline).min(deadline);
    some_unsent(app, None, until).await.unwrap_or_else(|error| {
        tracing::warn!(error.cause = %error, "notices were not read");
        0
    })
}

async fn some_unsent(app: &App, ws: Option<WorkspaceId>, until: Timestamp) -> Result<usize, Error> {
    let unsent = app.store.unsent_notices(ws, READ).await?;
    let minute = usize::try_from(app.now().as_second() / 60).unwrap_or(0);
    let mut notices = app.store.notices_by_id(&in_turn(unsent, minute)).await?;
    notices.sort_by_key(|(_, notice)| notice.id);
    let publishing = notices
        .iter()
        .map(|(ws, notice)| async move { app.now() < until && publish(app, *ws, notice).await });
    let publishing: Vec<_> = publishing.collect();
    let published = stream::iter(publishing).buffer_unordered(SIDE_BY_SIDE);
    Ok(published.filter(|published| std::future::ready(*published)).count().await)
}

/// Chooses the notices of a run: the workspaces by turns, so that one with thousands does not delay
/// the others, each beginning with another one in each minute, so that none that the topic refuses
/// stands in the way.
fn in_turn<T: Copy>(all: Vec<(WorkspaceId, T)>, minute: usize) -> Vec<(WorkspaceId, T)> {
    let mut by_workspace: BTreeMap<WorkspaceId, Vec<T>> = BTreeMap::new();
    for (ws, one) in all {
        by_workspace.entry(ws).or_default().push(one);
    }
    let workspaces = by_workspace.len();
    let mut places: Vec<(usize, usize, WorkspaceId)> = Vec::new();
    for (number, (ws, some)) in by_workspace.iter().enumerate() {
        let turn = (number + minute * AT_MOST).checked_rem(workspaces).unwrap_or(0);
        places.extend((0..some.len()).map(|place| (place, turn, *ws)));
    }
    places.sort_unstable();
    places.truncate(AT_MOST);
    for (ws, some) in &mut by_workspace {
        let places = places.iter().filter(|(.., its)| its == ws).count();
        // The last place may be another workspace's in the next minute: one less leaves no gap.
        let step = places.saturating_sub(1).max(1);
        let first = (minute * step).checked_rem(some.len()).unwrap_or(0);
        some.rotate_left(first);
    }
    let chosen = places.into_iter().filter_map(|(place, _, ws)| {
        let one = by_workspace.get(&ws)?.get(place)?;
        Some((ws, *one))
    });
    chosen.collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_published_by_turns_and_another_part_in_each_minute() {
        let ws = |n| WorkspaceId::new(Timestamp::UNIX_EPOCH, &[n; 10]);
        let crowd = (0..1_000).map(|n| (ws(1), n));
        let all: Vec<(WorkspaceId, usize)> = crowd.chain([(ws(2), 7), (ws(3), 8)]).collect();
        let chosen = in_turn(all.clone(), 0);
        assert_eq!(
            (chosen.len(), &chosen[..4]),
            (100, &[(ws(1), 0), (ws(2), 7), (ws(3), 8), (ws(1), 1)][..])
        );
        let mut reached: Vec<_> = (0..11).flat_map(|minute| in_turn(all.clone(), minute)).collect();
        reached.sort_unstable();
        reached.dedup();
        assert_eq!(
            reached.len(),
            all.len(),
            "each within eleven minutes, if the topic accepts none"
        );
        let many: Vec<(WorkspaceId, usize)> = (0..=249).map(|n| (ws(n), 0)).collect();
        let mut reached: Vec<_> = (0..3).flat_map(|minute| in_turn(many.clone(), minute)).collect();
        reached.sort_unstable();
        reached.dedup();
        assert_eq!(reached.len(), many.len());
        assert!(in_turn::<usize>(Vec::new(), 1).is_empty());
    }
}
