//! Messages in English.

use jiff::Timestamp;

use super::{Held, NoticeKind, Setting, attempts, enable, endpoints, joined, short, time};
use crate::outbound::{gate::GateKey, health::Reason};

const TIME: &str = "%Y-%m-%d %H:%M:%S %Z";

/// The title and the text.
pub(super) fn message(kind: &NoticeKind, at: Timestamp, setting: &Setting<'_>) -> (String, String) {
    let name = name(setting);
    let when = time(at, setting, TIME);
    let title = match kind {
        NoticeKind::Suspended { .. } => format!("Sending suspended: {name}"),
        NoticeKind::Warned { percent } => format!("{percent}% of the failure limit: {name}"),
        NoticeKind::Gone => format!("Endpoint disabled (HTTP 410): {name}"),
        NoticeKind::Recovered => format!("Sending resumed: {name}"),
        NoticeKind::Expired { count } => format!("{count} held deliveries expired: {name}"),
    };
    let lead = match kind {
        NoticeKind::Suspended { gate, reason, .. } => {
            format!(
                "Sending was suspended at {when}{}.\nReason: {}.",
                scope(gate),
                reason_text(*reason)
            )
        }
        NoticeKind::Warned { percent } => format!(
            "At {when} failures reached {percent}% of the limit. At the limit, sending is \
             suspended."
        ),
        NoticeKind::Gone => format!(
            "At {when} the endpoint answered 410 (Gone): it does not exist any more, and was \
             disabled."
        ),
        NoticeKind::Recovered => format!(
            "At {when} a probe arrived: sending was resumed, and what was held follows little by \
             little, in order."
        ),
        NoticeKind::Expired { count } => format!(
            "{count} held deliveries came to the end of their retention before the endpoint was \
             enabled. They are listed as failure (expired) and will not be sent any more."
        ),
    };
    let text = joined([lead, endpoints(setting), last(setting), next(kind, setting)]);
    (title, text)
}

fn name(setting: &Setting<'_>) -> String {
    match setting.endpoints {
        [one] => short(&one.name),
        [] => "deleted endpoint".to_owned(),
        many => format!("{} endpoints", many.len()),
    }
}

fn scope(gate: &GateKey) -> &'static str {
    match gate {
        GateKey::Endpoint(_) => "",
        GateKey::Url(_) => " for every endpoint with this URL",
        GateKey::Workspace => " for every endpoint that shares the workspace's quota",
    }
}

fn reason_text(reason: Reason) -> String {
    match reason {
        Reason::Window { failures, seconds, percent } => {
            let minutes = seconds / 60;
            format!("{failures} failures in {minutes} minutes ({percent}% of the attempts)")
        }
        Reason::Streak { failures } => format!("{failures} failures in a row without a success"),
    }
}

fn last(setting: &Setting<'_>) -> String {
    if setting.attempts.is_empty() {
        return String::new();
    }
    format!("Last attempts:\n{}", attempts(setting, TIME))
}

fn next(kind: &NoticeKind, setting: &Setting<'_>) -> String {
    match kind {
        NoticeKind::Suspended { .. } | NoticeKind::Gone => {
            let probe = setting.probe_at.map_or_else(String::new, |at| {
                format!("At {} one delivery is tried on its own.\n", time(at, setting, TIME))
            });
            format!(
                "Held now: {}. Nothing is lost: what comes is held.\n{probe}To enable: {}\n(or \
                 \"newest_per_subject\", or \"none\")",
                held(setting.held),
                enable(setting)
            )
        }
        NoticeKind::Expired { .. } => {
            format!("Still held: {}. To enable: {}", held(setting.held), enable(setting))
        }
        NoticeKind::Warned { .. } | NoticeKind::Recovered => String::new(),
    }
}

fn held(held: Held) -> String {
    match held {
        Held::Exactly(count) => count.to_string(),
        Held::AtLeast(count) => format!("{count} or more"),
    }
}
