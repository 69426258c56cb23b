use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::*;
use crate::{
    common::{
        ids::DeliveryId,
        secret::{Rotating, Secret},
    },
    outbound::{
        delivery::Fault,
        endpoint::{Limits, Preset},
        target_url::{TargetUrl, UrlRules},
    },
};

fn start() -> Timestamp {
    "2026-11-21T13:00:00Z".parse().unwrap()
}

fn endpoint(number: u8, name: &str) -> Endpoint {
    let url = "https://hooks.example.com/loja?token=canary-1234";
    Endpoint {
        id: EndpointId::new(start(), &[number; 10]),
        name: name.to_owned(),
        url: TargetUrl::parse(url, &UrlRules::default()).unwrap(),
        secret: Rotating::new(Secret::new("canary-5678")),
        headers: vec![("x-token".to_owned(), "canary-9012".to_owned())],
        policy: Preset::StandardWebhooks.policy(),
        limits: Limits::default(),
        version: 1,
        created_at: start(),
        updated_at: start(),
    }
}

fn failures() -> Vec<FailedAttempt> {
    let one = |minute: i64| FailedAttempt {
        at: start() + SignedDuration::from_mins(minute),
        endpoint: endpoint(1, "").id,
        delivery: DeliveryId::new(start(), &[u8::try_from(minute).unwrap(); 10]),
        attempt: 1,
        unreachable: None,
        not_counted: false,
        outcome: if minute % 2 == 0 {
            Outcome::Status(500)
        } else {
            Outcome::Fault(Fault::Timeout)
        },
    };
    (0..31).map(one).collect()
}

fn suspended(gate: GateKey) -> NoticeKind {
    let reason = Reason::Window { failures: 31, seconds: 1_800, percent: 100 };
    NoticeKind::Suspended { gate, reason, attempts: failures() }
}

fn notice(language: NoticeLanguage, kind: NoticeKind, endpoints: &[Endpoint]) -> Notice {
    let zone = TimeZone::get("America/Sao_Paulo").unwrap();
    let setting = Setting {
        language,
        zone: &zone,
        base_url: "https://api.example.com",
        endpoints,
        attempts: &failures(),
        held: Held::AtLeast(100),
        probe_at: None,
    };
    Notice::new(kind, start(), &["cause"], &setting)
}

#[test]
fn s5_3_a_suspension_says_where_why_and_how_to_enable_it_in_portuguese() {
    let one = endpoint(1, "Loja São João");
    let kind = suspended(GateKey::Endpoint(one.id));
    let sent = notice(NoticeLanguage::Portuguese, kind, std::slice::from_ref(&one));
    assert_eq!(sent.title, "Envio suspenso: Loja São João");
    assert_eq!(sent.subject(), "Envio suspenso: Loja Sao Joao");
    for part in [
        "O envio foi suspenso em 21/11/2026 10:00:00 -03.",
        "Motivo: 31 falhas em 30 minutos (100% das tentativas).",
        "https://hooks.example.com/***\n",
        "21/11/2026 10:30:00 -03",
        "#1  HTTP 500",
        "#1  timeout",
        "Retidos agora: 100 ou mais.",
        &format!("POST https://api.example.com/v1/endpoints/{}/enable", one.id),
    ] {
        assert!(sent.text.contains(part), "{part}\n---\n{}", sent.text);
    }
    assert_eq!(sent.text.matches("dlv_").count(), 10, "the last ten");
    assert!(sent.text.contains(&failures()[30].delivery.to_string()));
}

#[test]
fn s5_3_a_suspension_says_where_why_and_how_to_enable_it_in_english() {
    let one = endpoint(1, "Shop");
    let kind = suspended(GateKey::Endpoint(one.id));
    let sent = notice(NoticeLanguage::English, kind, std::slice::from_ref(&one));
    assert_eq!(sent.title, "Sending suspended: Shop");
    for part in [
        "Sending was suspended at 2026-11-21 10:00:00 -03.",
        "Reason: 31 failures in 30 minutes (100% of the attempts).",
        "Held now: 100 or more.",
        "Last attempts:\n- 2026-11-21 10:21:00 -03",
    ] {
        assert!(sent.text.contains(part), "{part}\n---\n{}", sent.text);
    }
    assert_eq!(sent.endpoint, Some(one.id));
}

#[test]
fn s5_2_a_shared_suspension_names_every_endpoint_and_belongs_to_none() {
    let both = [endpoint(1, "Um"), endpoint(2, "Dois")];
    let sent = notice(NoticeLanguage::Portuguese, suspended(GateKey::Workspace), &both);
    assert_eq!(sent.endpoint, None);
    assert_eq!(sent.title, "Envio suspenso: 2 endpoints");
    assert!(sent.text.contains("todos os endpoints que dividem a cota"), "{}", sent.text);
    for one in &both {
        assert!(sent.text.contains(&one.id.to_string()));
    }
}

#[test]
fn te_07_no_notice_holds_a_query_a_secret_or_a_header() {
    let one = [endpoint(1, "Um\r\nBcc: x")];
    for language in [NoticeLanguage::Portuguese, NoticeLanguage::English] {
        for kind in [
            suspended(GateKey::Url("0".repeat(32))),
            NoticeKind::Warned { percent: 50 },
            NoticeKind::Gone,
            NoticeKind::Recovered,
            NoticeKind::Expired { count: 3 },
        ] {
            let sent = notice(language, kind, &one);
            assert!(!sent.text.contains("canary") && !sent.title.contains("canary"));
            let subject = sent.subject();
            assert!(subject.bytes().all(|b| (b' '..=b'~').contains(&b)), "{subject}");
            assert!(subject.len() < 100 && !sent.title.contains('\n'));
        }
    }
}

#[test]
fn s5_2_portuguese_notices_say_disparo_and_espaco_de_trabalho() {
    let one = [endpoint(1, "Um")];
    let said = |kind| {
        let sent = notice(NoticeLanguage::Portuguese, kind, &one);
        let all = format!("{}\n{}", sent.title, sent.text).to_lowercase();
        assert!(!all.contains("entrega") && !all.contains("workspace"), "{all}");
        all
    };
    assert!(said(suspended(GateKey::Workspace)).contains("a cota do espaço de trabalho"));
    assert!(said(NoticeKind::Recovered).contains("um disparo de teste chegou"));
    assert!(said(NoticeKind::Expired { count: 3 }).contains("3 disparos retidos expiraram"));
    said(NoticeKind::Warned { percent: 50 });
    assert!(said(NoticeKind::Gone).contains("retidos agora"));
}

#[test]
fn a_notice_has_one_id_in_every_language() {
    let one = [endpoint(1, "Um")];
    let id = |language| notice(language, NoticeKind::Gone, &one).id;
    assert_eq!(id(NoticeLanguage::Portuguese), id(NoticeLanguage::English));
    let other = notice(NoticeLanguage::English, NoticeKind::Recovered, &one).id;
    assert_ne!(id(NoticeLanguage::English), other);
}
