//! Every file of the catalogue works on its own sample, unedited (`FACTS S3.1`).

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};

use super::*;
use crate::common::{
    expression::{Budget, Expression},
    ids::{OriginId, StageId},
};
use crate::crm::DealStatus;
use crate::crm::mapping::{CompiledMapping, Context, Mapped};
use crate::inbound::integration::DedupeSource;
use crate::inbound::origin::{Origin, Stage};
use crate::inbound::payload::{self, Parsed};
use crate::inbound::verify::{CheckInput, checks_from_input};

fn parsed(application: &Application) -> Parsed {
    let body = application.sample.text();
    let request = payload::Request {
        content_types: &[&application.sample.content_type],
        body: body.as_bytes(),
        sniff: application.sniff_json,
        ..payload::Request::default()
    };
    payload::parse(&request).unwrap_or_else(|reason| panic!("{}: {reason:?}", application.key))
}

fn mapped(key: &str) -> Mapped {
    let application = find(key).unwrap();
    let zone = TimeZone::get("America/Sao_Paulo").unwrap();
    let stage = StageId::new(Timestamp::UNIX_EPOCH, &[2; 10]);
    let origin = Origin {
        id: OriginId::new(Timestamp::UNIX_EPOCH, &[1; 10]),
        name: "Vendas".to_owned(),
        stages: vec![Stage { id: stage, name: "Proposta enviada".to_owned() }],
        read_shards: 1,
        write_shards: 1,
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    };
    let custom_fields = &BTreeMap::new();
    let context = Context { default_region: "BR", zone: &zone, custom_fields, origin: &origin };
    let mapping = CompiledMapping::compile(&application.mapping).unwrap();
    mapping.apply(&parsed(application), &context, &mut Budget::WHOLE.clone())
}

#[test]
fn every_file_is_an_application_named_after_it() {
    assert!(FILES.len() >= 12);
    for (stem, text) in FILES {
        let read: Result<Application, _> = serde_json::from_str(text);
        let application = read.unwrap_or_else(|reason| panic!("{stem}: {reason}"));
        assert_eq!(application.key, *stem);
        assert_eq!(find(stem), Some(&application));
    }
    assert_eq!(all()[0].key, PLAIN);
    assert!(find("unknown").is_none());
}

#[test]
fn s3_1_the_senders_of_the_fact_sheet_are_there() {
    for key in [
        "webhook",
        "activecampaign",
        "elementor",
        "hotmart",
        "intelipost",
        "meta",
        "rdstation",
        "respondio",
        "typeform",
        "github",
        "stripe",
        "shopify",
    ] {
        assert!(find(key).is_some(), "{key}");
    }
}

#[test]
fn every_icon_is_a_small_inert_drawing() {
    for it in all() {
        let icon = it.icon.to_lowercase();
        assert!(icon.starts_with("<svg ") && icon.ends_with("</svg>"), "{}", it.key);
        assert!(icon.len() < 800, "{}", it.key);
        for forbidden in ["script", "href", " on", "javascript", "style", "<image", "foreign"] {
            assert!(!icon.contains(forbidden), "{}: {forbidden}", it.key);
        }
    }
}

#[test]
fn every_note_has_both_languages_and_every_status_is_a_success() {
    for it in all() {
        assert!(!it.note.pt.is_empty() && !it.note.en.is_empty() && it.note.pt != it.note.en);
        assert_eq!(it.note.of(Language::Portuguese), it.note.pt);
        assert!((200..300).contains(&it.success_status) && !it.methods.is_empty());
    }
}

#[test]
fn every_template_of_checks_can_be_filled_in_and_saved() {
    for it in all() {
        let mut template = serde_json::to_value(&it.verification).unwrap();
        for check in template.as_array_mut().unwrap() {
            for slot in ["secret", "verify_token"] {
                if let Some(ask) = check.get_mut(slot) {
                    assert!(ask["pt"].is_string() && ask["en"].is_string(), "{}", it.key);
                    *ask = Value::from("generate");
                }
            }
        }
        let inputs: Vec<CheckInput> = serde_json::from_value(template).unwrap();
        let inputs = inputs.into_iter().map(|input| input.generate(|| [3; 32]).0).collect();
        let checks = checks_from_input(inputs, &[], Timestamp::UNIX_EPOCH);
        assert_eq!(checks.unwrap().len(), it.verification.len(), "{}", it.key);
    }
}

#[test]
fn every_dedupe_finds_an_id_in_the_sample() {
    for it in all() {
        let Some(dedupe) = &it.dedupe else { continue };
        assert!((1..=720).contains(&dedupe.window_hours), "{}", it.key);
        match &dedupe.source {
            DedupeSource::Header(name) => {
                let mut names = it.sample.headers.keys().map(|name| name.to_lowercase());
                assert!(names.any(|have| have == *name), "{}", it.key);
            }
            DedupeSource::Path(path) => {
                let path = Expression::compile(path).unwrap();
                let tree = parsed(it).body;
                let found = path.find(&tree, &mut Budget::WHOLE.clone()).unwrap();
                assert_eq!(found.len(), 1, "{}", it.key);
            }
            DedupeSource::Body => {}
        }
    }
}

#[test]
fn every_mapping_works_on_its_own_sample() {
    for it in all() {
        let mapped = mapped(&it.key);
        assert!(mapped.problems.is_empty(), "{}: {:?}", it.key, mapped.problems);
        assert!(mapped.warnings.is_empty(), "{}: {:?}", it.key, mapped.warnings);
        assert!(mapped.deal.title.is_some(), "{}", it.key);
        assert_eq!(mapped.keys.is_empty(), it.mapping.keys.is_empty(), "{}", it.key);
        assert!(parsed(it).warnings.is_empty(), "{}", it.key);
    }
}

#[test]
fn f4_every_source_time_is_found_in_the_sample() {
    let timed = all().iter().filter(|it| it.mapping.source_time.is_some());
    let keys: Vec<&str> = timed.map(|it| it.key.as_str()).collect();
    assert_eq!(keys.len(), 9, "{keys:?}");
    let day = "2026-11-21".parse::<jiff::civil::Date>().unwrap();
    for key in keys {
        let found = mapped(key).source_time;
        assert_eq!(found.map(|at| at.to_zoned(TimeZone::UTC).date()), Some(day), "{key}");
    }
}

/// Application, name, e-mail, phone, title, value, keys (by comma).
const BECOMES: &[(&str, [&str; 5], &str)] = &[
    (
        "webhook",
        [
            "Carla Nogueira",
            "carla.nogueira@example.com",
            "+5541998887766",
            "Orçamento de reforma",
            "1250.00",
        ],
        "1001,ped-1001",
    ),
    (
        "activecampaign",
        ["Maria Souza", "maria.souza@example.com.br", "+5521998765432", "Plano Anual", ""],
        "981",
    ),
    (
        "elementor",
        ["João da Silva", "joao.silva@example.com", "+5511987654321", "Contato do site", ""],
        "",
    ),
    (
        "hotmart",
        ["Ana Lima", "ana.lima@example.com", "+5511987650000", "Curso de Violão", "447.10"],
        "HP17715690036014",
    ),
    (
        "rdstation",
        [
            "José Pereira",
            "jose@padaria.example",
            "+5531999991111",
            "Plano Pro - Padaria do Zé",
            "2398.8",
        ],
        "65f1a2b3c4d5e6f7a8b9c0d1",
    ),
    (
        "respondio",
        ["Lucas Ferreira", "lucas@example.com", "+5511912345678", "WhatsApp Loja", ""],
        "123456",
    ),
    (
        "typeform",
        ["Beatriz Ramos", "beatriz@example.com", "", "Orçamento", "12345678901234567890"],
        "a3a12ec67a1365927098a606107fac15",
    ),
    (
        "stripe",
        [
            "Marcos Teixeira",
            "marcos.teixeira@example.com",
            "+5551998877665",
            "Assinatura anual",
            "",
        ],
        "cs_test_a1Gancho0001,PED-3307,pi_Gancho0001",
    ),
    (
        "shopify",
        ["Helena Prado", "helena.prado@example.com", "+5585987651234", "#1001", "278.00"],
        "5820982911946,#1001,1001",
    ),
    ("meta", ["", "", "", "444444444444", ""], "444444444444"),
    ("intelipost", ["", "", "", "PED-2026-004711", ""], "PED-2026-004711,SO-99812,OR123456789BR"),
    (
        "github",
        ["", "", "", "O frete não é somado no carrinho", ""],
        "https://github.com/padaria-exemplo/loja/issues/42",
    ),
];

#[test]
fn each_sample_maps_to_its_fields() {
    for (key, fields, keys) in BECOMES {
        let mapped = mapped(key);
        let contact = mapped.contact;
        let found = [
            contact.name.as_deref().unwrap_or_default(),
            contact.email.as_ref().map_or("", |email| email.as_str()),
            contact.phone.as_ref().map_or("", |phone| phone.as_str()),
            mapped.deal.title.as_deref().unwrap_or_default(),
            mapped.deal.value.as_deref().unwrap_or_default(),
        ];
        assert_eq!((found, mapped.keys.join(",").as_str()), (*fields, *keys), "{key}");
    }
}

#[test]
fn senders_without_a_person_make_a_deal_without_a_contact() {
    for (key, [name, email, phone, ..], _) in BECOMES {
        if [name, email, phone].iter().all(|text| text.is_empty()) {
            assert_eq!(find(key).unwrap().action, Action::CreateDeal, "{key}");
        }
    }
}

#[test]
fn tags_statuses_and_custom_fields_come_along() {
    let tags: Vec<String> = mapped("activecampaign").deal.tags.into_iter().collect();
    assert_eq!(tags, ["black-friday", "lead"]);
    let tags: Vec<String> = mapped("shopify").deal.tags.into_iter().collect();
    assert_eq!(tags, ["primeira-compra", "site"]);
    let tags: Vec<String> = mapped("github").deal.tags.into_iter().collect();
    assert_eq!(tags, ["bug", "loja"]);
    for (key, status) in [
        ("hotmart", DealStatus::Won),
        ("rdstation", DealStatus::Open),
        ("stripe", DealStatus::Won),
        ("shopify", DealStatus::Won),
    ] {
        assert_eq!(mapped(key).deal.status, Some(status), "{key}");
    }
    assert_eq!(mapped("activecampaign").contact.custom["cpf"], "123.456.789-09");
    assert_eq!(mapped("respondio").contact.custom["origem"], "instagram");
    let elementor = mapped("elementor").deal.custom;
    assert_eq!(elementor["mensagem"], "Quero saber o preço & o prazo");
}

#[test]
fn a_json_sample_keeps_the_digits_of_its_numbers() {
    assert!(find("hotmart").unwrap().sample.text().contains("\"value\":497.90"));
}
