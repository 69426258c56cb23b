//! The changes of a webhook to contacts and deals (`FACTS S3.3 to S3.9, D8, D10, D15, D17`).
//!
//! The caller runs [`choose_contact`], loads the contact's existing deal and runs [`decide`]. Both
//! functions are pure. The [`Changes`] are saved in one transaction with the run's row.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    common::{
        code::Code,
        ids::{ContactId, DealId, StageId, WebhookId},
        workspace::Entity,
    },
    crm::{Contact, Deal, DealStatus},
    crm::{
        mapping::{ContactFields, Mapped},
        normalise::{Email, Phone},
    },
    inbound::{
        integration::{Action, Integration, StageOnUpdate},
        origin::Origin,
        webhook::{CrmAction, Remark},
    },
};

/// The longest title of a deal, in characters.
const TITLE: usize = 300;

/// The input of [`decide`]: the mapped fields of a webhook and the loaded rows.
#[derive(Debug)]
pub struct Known<'a> {
    /// The webhook.
    pub webhook: WebhookId,
    /// Its integration.
    pub integration: &'a Integration,
    /// The integration's origin.
    pub origin: &'a Origin,
    /// The mapped payload.
    pub mapped: &'a Mapped,
    /// The chosen contact.
    pub contact: Option<Contact>,
    /// True if the webhook's phone belongs to another contact.
    pub conflict: bool,
    /// The deal that an earlier run of this webhook created, else the existing one.
    pub deal: Option<Deal>,
    /// True if an earlier run of this webhook created that deal.
    pub deal_is_own: bool,
    /// The present time.
    pub now: Timestamp,
}

/// A changed row and the version before the change.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<T> {
    /// The version that was read; `None` for a new row.
    pub before: Option<u64>,
    /// The new row.
    pub after: T,
}

/// An identity by which a contact is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// An e-mail address.
    Email(Email),
    /// A phone number.
    Phone(Phone),
}

/// The rows to write in one transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// The contact.
    pub contact: Option<Change<Contact>>,
    /// The new identities of the contact.
    pub identities: Vec<Identity>,
    /// The deal.
    pub deal: Option<Change<Deal>>,
}

impl Changes {
    /// Returns true if there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.contact.is_none() && self.identities.is_empty() && self.deal.is_none()
    }
}

/// The decision about a webhook.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// The rows to write.
    pub changes: Changes,
    /// The contact and the action on it.
    pub contact: Option<(ContactId, CrmAction)>,
    /// The deal and the action on it.
    pub deal: Option<(DealId, CrmAction)>,
    /// Warnings for people.
    pub warnings: Vec<Remark>,
}

/// Chooses the contact: the e-mail's wins over the phone's (`FACTS D10`). The flag is true if the
/// two are different contacts.
pub fn choose_contact(
    by_email: Option<ContactId>,
    by_phone: Option<ContactId>,
) -> (Option<ContactId>, bool) {
    match (by_email, by_phone) {
        (Some(email), Some(phone)) => (Some(email), email != phone),
        (one, other) => (one.or(other), false),
    }
}

/// Decides about the changes of a webhook to its contact and deal.
pub fn decide(known: &Known<'_>) -> Result<Decision, Remark> {
    let mut decision = Decision::default();
    if known.conflict {
        decision.warnings.push(Remark::new(Code::ContactConflict));
    }
    let contact = match known.integration.action.entity() {
        Entity::Contact => contact_alone(known)?,
        Entity::Deal => contact_of_deal(known)?,
    };
    let deal = match known.integration.action.entity() {
        Entity::Contact => None,
        Entity::Deal => Some(deal(known, contact.as_ref())?),
    };
    settle(known, contact, deal, &mut decision);
    Ok(decision)
}

/// Adds the deal to its contact's row, compares the rows with the stored ones and keeps only
/// changes.
fn settle(
    known: &Known<'_>,
    contact: Option<Contact>,
    deal: Option<Deal>,
    decision: &mut Decision,
) {
    if let Some(deal) = deal {
        // In create mode an existing deal is not the written one.
        let before = known.deal.as_ref().filter(|existing| existing.id == deal.id);
        let (change, action) =
            change_of(before, deal.clone(), known.now, |d| (&mut d.version, &mut d.updated_at));
        decision.deal = Some((deal.id, action));
        decision.changes.deal = change;
        decision.contact = deal.contact.map(|id| (id, CrmAction::Unchanged));
    }
    let Some(mut contact) = contact else { return };
    if let Some(Change { after, .. }) = &decision.changes.deal {
        contact.name_deal(after.as_named());
    }
    decision.changes.identities = identities(known, &contact);
    let id = contact.id;
    let (change, action) = change_of(known.contact.as_ref(), contact, known.now, |c| {
        (&mut c.version, &mut c.updated_at)
    });
    decision.contact = Some((id, action));
    decision.changes.contact = change;
}

/// The change of a row, `None` if it is unchanged. Sets version and time.
fn change_of<T: Clone + PartialEq>(
    before: Option<&T>,
    mut after: T,
    now: Timestamp,
    stamp: impl Fn(&mut T) -> (&mut u64, &mut Timestamp),
) -> (Option<Change<T>>, CrmAction) {
    if before == Some(&after) {
        return (None, CrmAction::Unchanged);
    }
    let version = before.map(|row| *stamp(&mut row.clone()).0);
    let (to, updated_at) = stamp(&mut after);
    *to = version.unwrap_or(0) + 1;
    *updated_at = now;
    let action = if version.is_some() { CrmAction::Updated } else { CrmAction::Created };
    (Some(Change { before: version, after }), action)
}

fn contact_alone(known: &Known<'_>) -> Result<Option<Contact>, Remark> {
    let fields = &known.mapped.contact;
    let found = known.contact.as_ref();
    if fields.email.is_none() && fields.phone.is_none() {
        return Err(Remark::new(Code::ContactRequired));
    }
    // If an earlier run of this webhook created the contact, this run updates it (`FACTS D15`).
    let own = found.is_some_and(|contact| contact.id == derived_contact(known.webhook));
    match (known.integration.action, found) {
        (Action::UpdateContact, None) => Err(Remark::new(Code::NoMatchingContact)),
        (Action::CreateContact, Some(_)) if !own => Err(Remark::new(Code::ContactExists)),
        _ => Ok(Some(merged(known, fields))),
    }
}

fn contact_of_deal(known: &Known<'_>) -> Result<Option<Contact>, Remark> {
    let fields = &known.mapped.contact;
    let reachable = fields.email.is_some() || fields.phone.is_some();
    let update_only = known.integration.action == Action::UpdateDeal && !known.deal_is_own;
    let must_match = known.integration.action != Action::CreateDeal && !known.deal_is_own;
    if must_match && !reachable {
        return Err(Remark::new(Code::ContactRequired));
    }
    if update_only && known.deal.is_none() {
        return Err(Remark::new(Code::NoMatchingDeal));
    }
    Ok(reachable.then(|| merged(known, fields)))
}

fn derived_contact(webhook: WebhookId) -> ContactId {
    ContactId::derived(webhook.made_at(), &["contact", &webhook.key()])
}

fn derived_deal(webhook: WebhookId) -> DealId {
    DealId::derived(webhook.made_at(), &["deal", &webhook.key()])
}

/// The contact with the mapped fields applied; an absent field erases nothing (`FACTS D17`).
fn merged(known: &Known<'_>, fields: &ContactFields) -> Contact {
    let mut contact = known.contact.clone().unwrap_or_else(|| Contact {
        id: derived_contact(known.webhook),
        name: None,
        email: None,
        phone: None,
        custom: BTreeMap::new(),
        deals: Vec::new(),
        version: 0,
        created_at: known.now,
        updated_at: known.now,
    });
    overlay(&mut contact.name, fields.name.as_ref());
    overlay(&mut contact.email, fields.email.as_ref());
    if !known.conflict {
        overlay(&mut contact.phone, fields.phone.as_ref());
    }
    overlay_custom(&mut contact.custom, &fields.custom);
    contact
}

fn overlay<T: Clone>(field: &mut Option<T>, value: Option<&T>) {
    if let Some(value) = value {
        *field = Some(value.clone());
    }
}

fn overlay_custom(field: &mut BTreeMap<String, Value>, values: &BTreeMap<String, Value>) {
    field.extend(values.iter().map(|(key, value)| (key.clone(), value.clone())));
}

/// The identities of the contact that are not stored yet.
fn identities(known: &Known<'_>, contact: &Contact) -> Vec<Identity> {
    let before = known.contact.as_ref();
    let email = contact.email.as_ref().filter(|e| before.and_then(|b| b.email.as_ref()) != Some(e));
    let phone = contact.phone.as_ref().filter(|p| before.and_then(|b| b.phone.as_ref()) != Some(p));
    let email = email.cloned().map(Identity::Email);
    let phone = phone.cloned().map(Identity::Phone);
    email.into_iter().chain(phone).collect()
}

fn deal(known: &Known<'_>, contact: Option<&Contact>) -> Result<Deal, Remark> {
    let creates = known.integration.action == Action::CreateDeal && !known.deal_is_own;
    match known.deal.as_ref().filter(|_| !creates) {
        Some(existing) => Ok(updated(known, existing.clone())),
        None => created(known, contact),
    }
}

fn created(known: &Known<'_>, contact: Option<&Contact>) -> Result<Deal, Remark> {
    let fields = &known.mapped.deal;
    let integration = known.integration;
    let configured = integration.stage.filter(|id| known.origin.stages.iter().any(|s| s.id == *id));
    let stage = fields.stage.or(configured).or_else(|| known.origin.first_stage());
    Ok(Deal {
        id: derived_deal(known.webhook),
        origin: known.origin.id,
        contact: contact.map(|contact| contact.id),
        title: title(known, contact),
        value: fields.value.clone(),
        stage: stage.ok_or_else(|| unknown("deal.stage", "unknown_stage"))?,
        status: fields.status.or(integration.status).unwrap_or(DealStatus::Open),
        tags: tags(known).collect(),
        custom: fields.custom.clone(),
        version: 0,
        created_at: known.now,
        updated_at: known.now,
    })
}

/// The deal with the mapped fields applied. A mapped stage has precedence over the integration's,
/// tags are added, nothing is erased (`FACTS D17`).
fn updated(known: &Known<'_>, mut deal: Deal) -> Deal {
    let fields = &known.mapped.deal;
    let integration = known.integration;
    let always = integration.stage_on_update == StageOnUpdate::Always;
    let here = |id: &StageId| known.origin.stages.iter().any(|stage| stage.id == *id);
    let stage = fields.stage.or(integration.stage.filter(|id| always && here(id)));
    let status = fields.status.or(integration.status.filter(|_| always));
    if let Some(title) = &fields.title {
        deal.title.clone_from(title);
    }
    overlay(&mut deal.value, fields.value.as_ref());
    deal.stage = stage.unwrap_or(deal.stage);
    deal.status = status.unwrap_or(deal.status);
    deal.tags.extend(tags(known));
    overlay_custom(&mut deal.custom, &fields.custom);
    deal
}

fn tags<'a>(known: &'a Known<'_>) -> impl Iterator<Item = String> + 'a {
    let own = known.integration.tag.iter().cloned();
    own.chain(known.mapped.deal.tags.iter().cloned())
}

fn title(known: &Known<'_>, contact: Option<&Contact>) -> String {
    let of_contact = contact.and_then(|c| {
        let email = c.email.as_ref().map(ToString::to_string);
        c.name.clone().or(email).or_else(|| c.phone.as_ref().map(ToString::to_string))
    });
    let name = || known.mapped.contact.name.clone();
    let title = known.mapped.deal.title.clone().or(of_contact).or_else(name);
    title.unwrap_or_else(|| known.integration.name.clone()).chars().take(TITLE).collect()
}

fn unknown(field: &str, reason: &str) -> Remark {
    Remark::new(Code::MappingFailed).with("field", field).with("path", field).with("reason", reason)
}

#[cfg(test)]
mod tests;
