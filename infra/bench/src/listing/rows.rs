//! One seeded webhook, with the rows that ingest and process would have written.

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_domain::{
    common::{
        calendar,
        code::Code,
        ids::{ContactId, DealId, OriginId, WebhookId, WorkspaceId},
    },
    inbound::webhook::{Cause, CrmAction, Received, Remark, Run, Status, Verdict, WebhookKey},
};
use gancho_store::Item;
use jiff::{SignedDuration, Timestamp};
use local::rng::Chance;

use super::{Channel, MONTHS, mix::Draft};
use crate::{
    bodies,
    error::{Result, wrong},
};

/// The received webhook.
pub(super) fn received(
    (workspace, origin): (WorkspaceId, OriginId),
    channel: &Channel,
    webhook: WebhookId,
    body_size: usize,
) -> Received {
    let headers = [
        ("content-type", "application/json"),
        ("user-agent", "GuzzleHttp/7"),
        ("x-amzn-trace-id", "Root=1-69207a51-3f0f9f3c6d1f2f6c0c1d2e3f"),
    ];
    Received {
        key: WebhookKey { workspace, origin, webhook },
        integration: channel.id,
        integration_name: channel.name.clone(),
        application: channel.application.clone(),
        active: true,
        test: None,
        method: "POST".to_owned(),
        query: String::new(),
        headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        source_ip: "203.0.113.7".to_owned(),
        delivery_id: None,
        body_size,
        body_sha256: [7; 32],
        months: MONTHS,
        expires_at: calendar::expires_at(webhook.made_at(), MONTHS),
    }
}

/// The run of a webhook; none while it is pending.
pub(super) fn run(draft: &Draft, received: &Received, chance: &Chance) -> Option<Run> {
    let verdict = match draft.status {
        Status::Pending => return None,
        Status::Success => Verdict::Success,
        Status::Error => Verdict::Error,
    };
    let good = verdict == Verdict::Success;
    // The same person always has the same contact.
    let person = Chance::new(draft.person);
    let contact = ContactId::new(Timestamp::UNIX_EPOCH, &bodies::entropy(&person));
    let deal = DealId::new(received.received_at(), &bodies::entropy(chance));
    let action = if chance.below(3) == 0 { CrmAction::Created } else { CrmAction::Updated };
    let failure =
        Remark::new(Code::MappingFailed).with("field", "deal.value").with("path", "$.value");
    let email = format!("email:{}", bodies::email(draft.person));
    Some(Run {
        number: 1,
        previous: Status::Pending,
        verdict,
        cause: Cause::Received,
        failure: (!good).then(|| failure.with("reason", "not_a_number")),
        warnings: Vec::new(),
        contact: good.then_some((contact, CrmAction::Updated)),
        deal: good.then_some((deal, action)),
        by: None,
        preview: None,
        duplicate_of: None,
        delivery_id: None,
        mapping_version: Some(1),
        finished_at: received.received_at() + SignedDuration::from_millis(340),
        found_by: vec![email, format!("phone:{}", bodies::phone(draft.person))],
    })
}

/// The same row in the embedded database's own types.
pub(super) fn converted(item: Item) -> Result<dynoxide::Item> {
    item.into_iter().map(|(name, value)| Ok((name, value_of(&value)?))).collect()
}

fn value_of(value: &AttributeValue) -> Result<dynoxide::AttributeValue> {
    if let Ok(text) = value.as_s() {
        return Ok(dynoxide::AttributeValue::S(text.clone()));
    }
    if let Ok(number) = value.as_n() {
        return Ok(dynoxide::AttributeValue::N(number.clone()));
    }
    if let Ok(bytes) = value.as_b() {
        return Ok(dynoxide::AttributeValue::B(bytes.clone().into_inner()));
    }
    let flag = value.as_bool().map_err(|other| wrong(format!("a row holds {other:?}")))?;
    Ok(dynoxide::AttributeValue::BOOL(*flag))
}
