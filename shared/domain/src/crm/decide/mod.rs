//! The changes of a webhook to contacts and deals (`FACTS S3.3 to S3.9, D8, D10, D15, D17`).
//!
//! The caller runs [`choose_contact`], loads the contact's existing deal and runs [`decide`]. Both
//! functions are pure. The [`Changes`] are saved in one transaction with the run's row.

use std::collections::{BTreeMap, BTreeSet};

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
        source_time::{self, FieldSetter, SourceTimes},
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
    let received_at = known.webhook.made_at();
    let warnings = &mut decision.warnings;
    let time = source_time::usable(known.mapped.source_time, received_at, warnings);
    let contact = match known.integration.action.entity() {
        Entity::Contact => contact_alone(known, (time, warnings))?,
        Entity::Deal => contact_of_deal(known, (time, warnings))?,
    };
    let deal = match known.integration.action.entity() {
        Entity::Contact => None,
        Entity::Deal => Some(deal(known, contact.as_ref(), (time, warnings))?),
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
        let (change, action) = change_of(before, deal.clone(), known.now, |d| Stamp {
            version: &mut d.version,
            updated_at: &mut d.updated_at,
            source_times: &mut d.source_times,
        });
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
    let (change, action) = change_of(known.contact.as_ref(), contact, known.now, |c| Stamp {
        version: &mut c.version,
        updated_at: &mut c.updated_at,
        source_times: &mut c.source_times,
    });
    decision.contact = Some((id, action));
    decision.changes.contact = change;
}

/// The parts of a row that its writer sets.
struct Stamp<'r> {
    version: &'r mut u64,
    updated_at: &'r mut Timestamp,
    source_times: &'r mut SourceTimes,
}

/// The change of a row, `None` if it is unchanged. Sets version and time. Newer source times alone
/// are written too, but people see an unchanged row.
fn change_of<T: Clone + PartialEq>(
    before: Option<&T>,
    mut after: T,
    now: Timestamp,
    stamp: impl Fn(&mut T) -> Stamp<'_>,
) -> (Option<Change<T>>, CrmAction) {
    if before == Some(&after) {
        return (None, CrmAction::Unchanged);
    }
    let times = stamp(&mut after).source_times.clone();
    let version = before.map(|row| *stamp(&mut row.clone()).version);
    let same = before.is_some_and(|before| {
        let mut before = before.clone();
        *stamp(&mut before).source_times = times;
        before == after
    });
    let to = stamp(&mut after);
    *to.version = version.unwrap_or(0) + 1;
    let action = match version {
        None => CrmAction::Created,
        Some(_) if same => CrmAction::Unchanged,
        Some(_) => CrmAction::Updated,
    };
    if !same {
        *to.updated_at = now;
    }
    (Some(Change { before: version, after }), action)
}

/// The webhook's source time, and the warnings so far.
type Sourced<'w> = (Option<Timestamp>, &'w mut Vec<Remark>);

fn contact_alone(known: &Known<'_>, sourced: Sourced<'_>) -> Result<Option<Contact>, Remark> {
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
        _ => Ok(Some(merged(known, fields, sourced))),
    }
}

fn contact_of_deal(known: &Known<'_>, sourced: Sourced<'_>) -> Result<Option<Contact>, Remark> {
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
    Ok(reachable.then(|| merged(known, fields, sourced)))
}

fn derived_contact(webhook: WebhookId) -> ContactId {
    ContactId::derived(webhook.made_at(), &["contact", &webhook.key()])
}

fn derived_deal(webhook: WebhookId) -> DealId {
    DealId::derived(webhook.made_at(), &["deal", &webhook.key()])
}

/// The contact with the mapped fields applied; an absent field erases nothing (`FACTS D17`).
fn merged(known: &Known<'_>, fields: &ContactFields, (time, warnings): Sourced<'_>) -> Contact {
    let mut contact = known.contact.clone().unwrap_or_else(|| Contact {
        id: derived_contact(known.webhook),
        name: None,
        email: None,
        phone: None,
        custom: BTreeMap::new(),
        deals: Vec::new(),
        source_times: SourceTimes::default(),
        version: 0,
        created_at: known.now,
        updated_at: known.now,
    });
    let times = &mut contact.source_times;
    let mut setter = FieldSetter { entity: "contact", time, times, warnings };
    setter.set("name", &mut contact.name, fields.name.clone().map(Some));
    setter.set("email", &mut contact.email, fields.email.clone().map(Some));
    if !known.conflict {
        setter.set("phone", &mut contact.phone, fields.phone.clone().map(Some));
    }
    overlay_custom(&mut contact.custom, &fields.custom, &mut setter);
    contact
}

fn overlay_custom(
    field: &mut BTreeMap<String, Value>,
    values: &BTreeMap<String, Value>,
    setter: &mut FieldSetter<'_>,
) {
    for (key, value) in values {
        if setter.admits(&format!("custom.{key}"), field.get(key) != Some(value)) {
            field.insert(key.clone(), value.clone());
        }
    }
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

fn deal(
    known: &Known<'_>,
    contact: Option<&Contact>,
    sourced: Sourced<'_>,
) -> Result<Deal, Remark> {
    let creates = known.integration.action == Action::CreateDeal && !known.deal_is_own;
    match known.deal.as_ref().filter(|_| !creates) {
        Some(existing) => Ok(updated(known, existing.clone(), sourced)),
        None => created(known, contact, sourced),
    }
}

fn created(
    known: &Known<'_>,
    contact: Option<&Contact>,
    sourced: Sourced<'_>,
) -> Result<Deal, Remark> {
    let unknown = || Remark::new(Code::MappingFailed).with("field", "deal.stage");
    let unknown = || unknown().with("path", "deal.stage").with("reason", "unknown_stage");
    let blank = Deal {
        id: derived_deal(known.webhook),
        origin: known.origin.id,
        contact: contact.map(|contact| contact.id),
        title: title(known, contact),
        value: None,
        stage: known.origin.first_stage().ok_or_else(unknown)?,
        status: DealStatus::Open,
        tags: BTreeSet::new(),
        custom: BTreeMap::new(),
        source_times: SourceTimes::default(),
        version: 0,
        created_at: known.now,
        updated_at: known.now,
    };
    Ok(overlaid(known, blank, true, sourced))
}

/// The deal with the mapped fields applied, and the integration's stage and status if it moves
/// existing deals.
fn updated(known: &Known<'_>, deal: Deal, sourced: Sourced<'_>) -> Deal {
    let always = known.integration.stage_on_update == StageOnUpdate::Always;
    overlaid(known, deal, always, sourced)
}

/// The deal with the mapped fields applied. A mapped stage has precedence over the integration's,
/// tags are added, nothing is erased (`FACTS D17`).
fn overlaid(known: &Known<'_>, mut deal: Deal, moves: bool, (time, warnings): Sourced<'_>) -> Deal {
    let fields = &known.mapped.deal;
    let integration = known.integration;
    let here = |id: &StageId| moves && known.origin.stages.iter().any(|stage| stage.id == *id);
    let times = &mut deal.source_times;
    let mut setter = FieldSetter { entity: "deal", time, times, warnings };
    setter.set("title", &mut deal.title, fields.title.clone());
    setter.set("value", &mut deal.value, fields.value.clone().map(Some));
    setter.set("stage", &mut deal.stage, fields.stage.or(integration.stage.filter(here)));
    let status = fields.status.or(integration.status.filter(|_| moves));
    setter.set("status", &mut deal.status, status);
    overlay_custom(&mut deal.custom, &fields.custom, &mut setter);
    deal.tags.extend(tags(known));
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

#[cfg(test)]
mod tests;
