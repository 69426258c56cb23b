//! The rules of S3.3 to S3.9, one by one.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::{
    common::ids::{IntegrationId, OriginId},
    crm::DealRef,
    crm::{
        mapping::{DealFields, Mapping},
        normalise,
    },
    inbound::{integration::Method, origin::Stage},
};

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn webhook(n: u8) -> WebhookId {
    WebhookId::in_shard(now(), 0, &[n; 10])
}

fn stage(n: u8) -> StageId {
    StageId::new(now(), &[n; 10])
}

fn origin() -> Origin {
    Origin {
        id: OriginId::new(now(), &[1; 10]),
        name: "Vendas".to_owned(),
        stages: vec![
            Stage { id: stage(1), name: "Novo".to_owned() },
            Stage { id: stage(2), name: "Proposta enviada".to_owned() },
        ],
        read_shards: 1,
        write_shards: 1,
        version: 1,
        created_at: now(),
        updated_at: now(),
    }
}

fn integration(action: Action) -> Integration {
    Integration {
        id: IntegrationId::new(now(), &[1; 10]),
        origin: origin().id,
        application: "webhook".to_owned(),
        name: "Formulário do site".to_owned(),
        active: true,
        verification: Vec::new(),
        allowed_ips: Vec::new(),
        methods: vec![Method::Post],
        success_status: 200,
        sniff_json: false,
        dedupe: None,
        action,
        tag: None,
        stage: None,
        stage_on_update: StageOnUpdate::Always,
        status: None,
        mapping_version: 1,
        mapping_changed: None,
        mapping: Mapping::default(),
        token_generation: 1,
        previous_token_until: None,
        version: 1,
        created_at: now(),
        updated_at: now(),
    }
}

fn ana() -> Mapped {
    Mapped {
        contact: ContactFields {
            name: Some("Ana Lima".to_owned()),
            email: Some(normalise::email("ana@example.com").unwrap()),
            phone: Some(normalise::phone("11987650000", "BR").unwrap()),
            custom: BTreeMap::new(),
        },
        ..Mapped::default()
    }
}

/// A world of one contact. It decides about webhooks and applies the decisions.
struct World {
    origin: Origin,
    integration: Integration,
    contact: Option<Contact>,
    deals: BTreeMap<DealId, Deal>,
}

impl World {
    fn new(action: Action) -> Self {
        Self {
            origin: origin(),
            integration: integration(action),
            contact: None,
            deals: BTreeMap::new(),
        }
    }

    fn send(&mut self, id: WebhookId, mapped: &Mapped) -> Result<Decision, Remark> {
        let derived = DealId::derived(id.made_at(), &["deal", &id.key()]);
        let own = self.deals.get(&derived).cloned();
        let existing = self.contact.as_ref().and_then(|c| c.deal_in(self.origin.id));
        let decision = decide(&Known {
            webhook: id,
            integration: &self.integration,
            origin: &self.origin,
            mapped,
            contact: self.contact.clone(),
            conflict: false,
            deal_is_own: own.is_some(),
            deal: own.or_else(|| existing.and_then(|deal| self.deals.get(&deal).cloned())),
            now: now(),
        })?;
        if let Some(change) = &decision.changes.contact {
            self.contact = Some(change.after.clone());
        }
        if let Some(change) = &decision.changes.deal {
            self.deals.insert(change.after.id, change.after.clone());
        }
        Ok(decision)
    }
}

#[test]
fn s3_4_create_deal_makes_a_new_one_even_when_the_contact_has_one() {
    let mut world = World::new(Action::CreateDeal);
    world.send(webhook(1), &ana()).unwrap();
    let second = world.send(webhook(2), &ana()).unwrap();
    assert_eq!(world.deals.len(), 2);
    assert_eq!(second.deal.unwrap().1, CrmAction::Created);
    assert_eq!(world.contact.unwrap().deals.len(), 2);
}

#[test]
fn s3_5_update_deal_without_a_match_creates_nothing() {
    let mut world = World::new(Action::UpdateDeal);
    assert_eq!(world.send(webhook(1), &ana()).unwrap_err().code, Code::NoMatchingDeal);
    assert!(world.contact.is_none() && world.deals.is_empty());
}

#[test]
fn s3_6_create_or_update_creates_once_and_then_updates() {
    let mut world = World::new(Action::CreateOrUpdateDeal);
    let first = world.send(webhook(1), &ana()).unwrap();
    let mut richer = ana();
    richer.deal.value = Some("497.90".to_owned());
    let second = world.send(webhook(2), &richer).unwrap();
    assert_eq!(first.deal.unwrap().0, second.deal.unwrap().0);
    assert_eq!(second.deal.unwrap().1, CrmAction::Updated);
    let deal = world.deals.values().next().unwrap();
    assert_eq!((deal.value.as_deref(), deal.version), (Some("497.90"), 2));
}

#[test]
fn s3_7_a_deal_in_another_origin_does_not_count() {
    let mut world = World::new(Action::CreateOrUpdateDeal);
    world.send(webhook(1), &ana()).unwrap();
    world.origin.id = OriginId::new(now(), &[9; 10]);
    assert_eq!(world.send(webhook(2), &ana()).unwrap().deal.unwrap().1, CrmAction::Created);
}

#[test]
fn s3_9_the_deal_gets_the_tag_stage_and_status_of_the_integration() {
    let mut world = World::new(Action::CreateDeal);
    world.integration.tag = Some("site".to_owned());
    world.integration.stage = Some(stage(2));
    world.integration.status = Some(DealStatus::Won);
    world.send(webhook(1), &ana()).unwrap();
    let deal = world.deals.values().next().unwrap();
    assert_eq!((deal.stage, deal.status), (stage(2), DealStatus::Won));
    assert!(deal.tags.contains("site"));
    assert_eq!(deal.title, "Ana Lima");
}

#[test]
fn d15_another_run_updates_the_deal_that_this_webhook_created() {
    let mut world = World::new(Action::CreateDeal);
    let first = world.send(webhook(1), &ana()).unwrap();
    let mut fixed = ana();
    fixed.deal.title = Some("Plano Anual".to_owned());
    let again = world.send(webhook(1), &fixed).unwrap();
    assert_eq!(
        (again.deal.unwrap().0, again.deal.unwrap().1),
        (first.deal.unwrap().0, CrmAction::Updated)
    );
    assert_eq!(world.deals.len(), 1);
}

#[test]
fn d17_an_update_erases_nothing_and_a_mapped_stage_has_precedence() {
    let mut world = World::new(Action::CreateOrUpdateDeal);
    world.integration.stage = Some(stage(1));
    let mut rich = ana();
    rich.deal.value = Some("10".to_owned());
    rich.deal.tags.insert("a".to_owned());
    world.send(webhook(1), &rich).unwrap();
    let mut next = ana();
    next.contact.name = None;
    next.deal.stage = Some(stage(2));
    next.deal.tags.insert("b".to_owned());
    world.send(webhook(2), &next).unwrap();
    let deal = world.deals.values().next().unwrap().clone();
    assert_eq!((deal.value.as_deref(), deal.stage), (Some("10"), stage(2)));
    assert_eq!(deal.tags.len(), 2);
    assert_eq!(world.contact.as_ref().unwrap().name.as_deref(), Some("Ana Lima"));

    world.integration.stage_on_update = StageOnUpdate::OnlyOnCreate;
    world.send(webhook(3), &ana()).unwrap();
    assert_eq!(world.deals.values().next().unwrap().stage, stage(2));
    world.integration.stage_on_update = StageOnUpdate::Always;
    world.send(webhook(4), &ana()).unwrap();
    assert_eq!(world.deals.values().next().unwrap().stage, stage(1));
}

#[test]
fn d10_the_emails_contact_wins_over_the_phones() {
    let one = ContactId::new(now(), &[1; 10]);
    let other = ContactId::new(now(), &[2; 10]);
    assert_eq!(choose_contact(Some(one), Some(other)), (Some(one), true));
    assert_eq!(choose_contact(None, Some(other)), (Some(other), false));
    assert_eq!(choose_contact(Some(one), Some(one)), (Some(one), false));
    assert_eq!(choose_contact(None, None), (None, false));
}

#[test]
fn in_33_a_conflict_is_a_warning_and_the_other_contacts_phone_is_not_taken() {
    let mut world = World::new(Action::CreateOrUpdateDeal);
    world.send(webhook(1), &ana()).unwrap();
    let mut mapped = ana();
    mapped.contact.phone = Some(normalise::phone("21987654321", "BR").unwrap());
    let decision = decide(&Known {
        webhook: webhook(2),
        integration: &world.integration,
        origin: &world.origin,
        mapped: &mapped,
        contact: world.contact.clone(),
        conflict: true,
        deal: world.deals.values().next().cloned(),
        deal_is_own: false,
        now: now(),
    })
    .unwrap();
    assert_eq!(decision.warnings, [Remark::new(Code::ContactConflict)]);
    assert!(decision.changes.contact.is_none() && decision.changes.identities.is_empty());
}

#[test]
fn contacts_are_created_and_updated_as_the_action_says() {
    let mut world = World::new(Action::UpdateContact);
    assert_eq!(world.send(webhook(1), &ana()).unwrap_err().code, Code::NoMatchingContact);
    world.integration.action = Action::CreateContact;
    assert_eq!(world.send(webhook(2), &ana()).unwrap().contact.unwrap().1, CrmAction::Created);
    assert_eq!(world.send(webhook(3), &ana()).unwrap_err().code, Code::ContactExists);
    assert!(world.send(webhook(2), &ana()).is_ok(), "its own contact is no obstacle");
    world.integration.action = Action::CreateOrUpdateContact;
    assert_eq!(world.send(webhook(4), &ana()).unwrap().contact.unwrap().1, CrmAction::Unchanged);
    assert!(world.deals.is_empty());
    let nobody = Mapped::default();
    assert_eq!(world.send(webhook(5), &nobody).unwrap_err().code, Code::ContactRequired);
}

#[test]
fn a_deal_without_email_and_phone_has_no_contact() {
    let mut world = World::new(Action::CreateDeal);
    let decision = world.send(webhook(1), &Mapped::default()).unwrap();
    assert_eq!(decision.contact, None);
    let deal = world.deals.values().next().unwrap();
    assert_eq!((deal.contact, deal.title.as_str()), (None, "Formulário do site"));
}

/// A webhook of a time, in seconds after the receipt of the first one, with some fields.
fn timed(seconds: i64, deal: DealFields) -> Mapped {
    let source_time = Some(now() + SignedDuration::from_secs(seconds));
    Mapped { deal, source_time, ..ana() }
}

fn codes(decision: &Decision) -> Vec<(Code, &str)> {
    decision.warnings.iter().map(|w| (w.code, w.params["field"].as_str())).collect()
}

#[test]
fn f4_an_older_event_does_not_undo_a_newer_one_field_by_field() {
    let mut world = World::new(Action::CreateOrUpdateDeal);
    let status = |status| DealFields { status: Some(status), ..DealFields::default() };
    let created = DealFields { value: Some("10".to_owned()), ..status(DealStatus::Open) };
    world.send(webhook(1), &timed(20, status(DealStatus::Won))).unwrap();
    let late = world.send(webhook(2), &timed(10, created.clone())).unwrap();
    assert_eq!(codes(&late), [(Code::FieldOutdated, "deal.status")]);
    let deal = world.deals.values().next().unwrap().clone();
    // The newer event had no value, so the older one sets it.
    assert_eq!((deal.status, deal.value.as_deref()), (DealStatus::Won, Some("10")));
    // The same event again, and the newest again, apply.
    let again = world.send(webhook(2), &timed(10, created)).unwrap();
    assert!(again.changes.deal.is_none());
    world.send(webhook(1), &timed(20, status(DealStatus::Lost))).unwrap();
    assert_eq!(world.deals.values().next().unwrap().status, DealStatus::Lost);
    // Without a time, events apply as they arrive.
    let untimed = Mapped { source_time: None, ..timed(0, status(DealStatus::Open)) };
    world.send(webhook(3), &untimed).unwrap();
    assert_eq!(world.deals.values().next().unwrap().status, DealStatus::Open);
}

#[test]
fn f4_the_status_and_stage_of_an_integration_are_of_the_events_time_too() {
    let mut world = World::new(Action::CreateOrUpdateDeal);
    world.integration.status = Some(DealStatus::Won);
    world.integration.stage = Some(stage(2));
    world.send(webhook(1), &timed(20, DealFields::default())).unwrap();
    world.integration.status = Some(DealStatus::Open);
    world.integration.stage = Some(stage(1));
    let late = world.send(webhook(2), &timed(10, DealFields::default())).unwrap();
    let outdated = |field| (Code::FieldOutdated, field);
    assert_eq!(codes(&late), [outdated("deal.stage"), outdated("deal.status")]);
    let deal = world.deals.values().next().unwrap();
    assert_eq!((deal.status, deal.stage), (DealStatus::Won, stage(2)));
}

#[test]
fn f4_an_equal_value_of_a_newer_event_is_kept_without_a_change_that_people_see() {
    let mut world = World::new(Action::CreateOrUpdateDeal);
    let named = |name: &str, seconds| {
        let mut mapped = timed(seconds, DealFields::default());
        mapped.contact.name = Some(name.to_owned());
        mapped
    };
    world.send(webhook(1), &named("Ana", 10)).unwrap();
    let same = world.send(webhook(2), &named("Ana", 30)).unwrap();
    let change = same.changes.contact.unwrap();
    assert_eq!(same.contact.unwrap().1, CrmAction::Unchanged);
    assert_eq!((change.before, change.after.updated_at), (Some(1), now()));
    let late = world.send(webhook(3), &named("Bia", 20)).unwrap();
    assert_eq!(codes(&late), [(Code::FieldOutdated, "contact.name")]);
    assert_eq!(world.contact.unwrap().name.as_deref(), Some("Ana"));
}

#[test]
fn f4_a_time_of_the_future_is_not_used() {
    let mut world = World::new(Action::CreateOrUpdateDeal);
    let status = |status| DealFields { status: Some(status), ..DealFields::default() };
    let day = 24 * 60 * 60;
    let ahead = world.send(webhook(1), &timed(day + 1, status(DealStatus::Won))).unwrap();
    assert_eq!(ahead.warnings[0].code, Code::SourceTimeIgnored);
    assert_eq!(ahead.warnings[0].params["reason"], "in_the_future");
    world.send(webhook(2), &timed(0, status(DealStatus::Open))).unwrap();
    assert_eq!(world.deals.values().next().unwrap().status, DealStatus::Open);
}

fn any_mapped() -> impl Strategy<Value = Mapped> {
    let deal = (
        proptest::option::of("[a-z]{1,8}"),
        proptest::option::of(Just(stage(1))),
        proptest::collection::btree_set("[a-z]{1,3}", 0..3),
    );
    (deal, any::<bool>(), proptest::option::of("[A-Z][a-z]{1,8}")).prop_map(
        |((title, stage, tags), reachable, name)| Mapped {
            contact: ContactFields {
                name,
                ..if reachable { ana().contact } else { ContactFields::default() }
            },
            deal: DealFields { title, stage, tags, ..DealFields::default() },
            ..Mapped::default()
        },
    )
}

proptest! {
    /// The order of arrival does not matter: each field is that of the newest event that has it.
    #[test]
    fn f4_events_in_any_order_leave_the_newest_value_of_each_field(
        sent in proptest::collection::btree_map(0i64..1_000, (
            proptest::option::of("[a-z]"), proptest::option::of("[1-9]")), 1..10)
            .prop_flat_map(|events| Just(events.into_iter().collect::<Vec<_>>()).prop_shuffle()),
    ) {
        let mut world = World::new(Action::CreateOrUpdateDeal);
        for (n, (second, (title, value))) in (1..).zip(&sent) {
            let fields =
                DealFields { title: title.clone(), value: value.clone(), ..DealFields::default() };
            world.send(webhook(n), &timed(*second, fields)).unwrap();
        }
        let mut in_order = sent.clone();
        in_order.sort();
        let (mut title, mut value) = ("Ana Lima".to_owned(), None);
        for (_, (newer_title, newer_value)) in in_order {
            title = newer_title.unwrap_or(title);
            value = newer_value.or(value);
        }
        let deal = world.deals.values().next().unwrap();
        prop_assert_eq!((&deal.title, &deal.value), (&title, &value));
    }

    /// `CATALOGUE I5`: a webhook creates at most one deal in any number of runs, and a repeated run
    /// without a change writes nothing.
    #[test]
    fn a_webhook_creates_at_most_one_deal_and_a_repeated_run_changes_nothing(
        sent in proptest::collection::vec((0u8..4, any_mapped()), 1..12),
        action in prop_oneof![
            Just(Action::CreateDeal), Just(Action::UpdateDeal), Just(Action::CreateOrUpdateDeal)
        ],
    ) {
        let mut world = World::new(action);
        for (id, mapped) in &sent {
            let before = world.deals.len();
            let first = world.send(webhook(*id), mapped);
            prop_assert!(world.deals.len() <= before + 1);
            if first.is_ok() && world.deals.contains_key(
                &DealId::derived(now(), &["deal", &webhook(*id).key()])
            ) {
                let again = world.send(webhook(*id), mapped).unwrap();
                prop_assert!(again.changes.deal.is_none(), "{again:?}");
            }
        }
        let distinct: BTreeSet<_> = sent.iter().map(|(id, _)| id).collect();
        prop_assert!(world.deals.len() <= distinct.len());
        if let Some(contact) = &world.contact {
            for DealRef { deal, open, .. } in &contact.deals {
                prop_assert_eq!(*open, world.deals[deal].status == DealStatus::Open);
            }
        }
    }
}
