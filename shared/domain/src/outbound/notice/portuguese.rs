//! Messages in Portuguese.

use jiff::Timestamp;

use super::{Held, NoticeKind, Setting, attempts, enable, endpoints, joined, short, time};
use crate::outbound::{gate::GateKey, health::Reason};

const TIME: &str = "%d/%m/%Y %H:%M:%S %Z";

/// The title and the text.
pub(super) fn message(kind: &NoticeKind, at: Timestamp, setting: &Setting<'_>) -> (String, String) {
    let name = name(setting);
    let when = time(at, setting, TIME);
    let title = match kind {
        NoticeKind::Suspended { .. } => format!("Envio suspenso: {name}"),
        NoticeKind::Warned { percent } => format!("{percent}% do limite de falhas: {name}"),
        NoticeKind::Gone => format!("Endpoint desativado (HTTP 410): {name}"),
        NoticeKind::Recovered => format!("Envio retomado: {name}"),
        NoticeKind::Expired { count } => format!("{count} disparos retidos expiraram: {name}"),
    };
    let lead = match kind {
        NoticeKind::Suspended { gate, reason, .. } => {
            format!(
                "O envio foi suspenso em {when}{}.\nMotivo: {}.",
                scope(gate),
                reason_text(*reason)
            )
        }
        NoticeKind::Warned { percent } => format!(
            "Em {when} as falhas chegaram a {percent}% do limite. No limite, o envio é suspenso."
        ),
        NoticeKind::Gone => format!(
            "Em {when} o endpoint respondeu 410 (Gone): ele não existe mais, e foi desativado."
        ),
        NoticeKind::Recovered => format!(
            "Em {when} um disparo de teste chegou: o envio foi retomado, e o que estava retido \
             segue aos poucos, em ordem."
        ),
        NoticeKind::Expired { count } => format!(
            "{count} disparos retidos chegaram ao fim da retenção sem que o endpoint fosse \
             reativado. Eles constam como falha (expired) e não serão mais enviados."
        ),
    };
    let text = joined([lead, endpoints(setting), last(setting), next(kind, setting)]);
    (title, text)
}

fn name(setting: &Setting<'_>) -> String {
    match setting.endpoints {
        [one] => short(&one.name),
        [] => "endpoint excluído".to_owned(),
        many => format!("{} endpoints", many.len()),
    }
}

fn scope(gate: &GateKey) -> &'static str {
    match gate {
        GateKey::Endpoint(_) => "",
        GateKey::Url(_) => " para todos os endpoints com esta URL",
        GateKey::Workspace => " para todos os endpoints que dividem a cota do espaço de trabalho",
    }
}

fn reason_text(reason: Reason) -> String {
    match reason {
        Reason::Window { failures, seconds, percent } => {
            let minutes = seconds / 60;
            format!("{failures} falhas em {minutes} minutos ({percent}% das tentativas)")
        }
        Reason::Streak { failures } => format!("{failures} falhas seguidas, sem nenhum sucesso"),
    }
}

fn last(setting: &Setting<'_>) -> String {
    if setting.attempts.is_empty() {
        return String::new();
    }
    format!("Últimas tentativas:\n{}", attempts(setting, TIME))
}

fn next(kind: &NoticeKind, setting: &Setting<'_>) -> String {
    match kind {
        NoticeKind::Suspended { .. } | NoticeKind::Gone => {
            let probe = setting.probe_at.map_or_else(String::new, |at| {
                format!("Em {} um disparo será tentado sozinho.\n", time(at, setting, TIME))
            });
            format!(
                "Retidos agora: {}. Nada se perde: o que chegar fica retido.\n{probe}Para \
                 reativar: {}\n(ou \"newest_per_subject\", ou \"none\")",
                held(setting.held),
                enable(setting)
            )
        }
        NoticeKind::Expired { .. } => {
            format!("Ainda retidos: {}. Para reativar: {}", held(setting.held), enable(setting))
        }
        NoticeKind::Warned { .. } | NoticeKind::Recovered => String::new(),
    }
}

fn held(held: Held) -> String {
    match held {
        Held::Exactly(count) => count.to_string(),
        Held::AtLeast(count) => format!("{count} ou mais"),
    }
}
