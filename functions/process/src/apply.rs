//! Applies a reading: claims the delivery id, decides the changes of contact and deal, and commits
//! them with the run and its events.

use gancho_domain::{
    common::{
        code::Code,
        ids::{DealId, EventId},
    },
    crm::{
        decide::{self, Changes, Decision, Known},
        mapping::Mapped,
        normalise::{Email, Phone},
    },
    inbound::webhook::{CrmAction, Preview, Received, Remark, Run, Test, Verdict},
    outbound::event::Event,
};
use gancho_store::{StoreError, coordination::Claim, crm::With, keys};
use jiff::{SignedDuration, Timestamp};

use crate::{App, config::Config, events, extract::Reading};

/// A run that was committed, and the events that were committed with it.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) run: Run,
    pub(crate) events: Vec<EventId>,
}

impl From<Run> for Written {
    fn from(run: Run) -> Self {
        Self { run, events: Vec::new() }
    }
}

/// The inputs for applying a reading.
pub(crate) struct RunContext<'a> {
    pub(crate) app: &'a App,
    pub(crate) config: &'a Config,
    pub(crate) received: &'a Received,
    pub(crate) runs: &'a [Run],
    pub(crate) now: Timestamp,
}

impl RunContext<'_> {
    /// Claims the delivery id, decides the changes, and commits both with the run.
    pub(crate) async fn apply(
        &self,
        reading: &Reading,
        mut run: Run,
    ) -> Result<Written, StoreError> {
        if self.received.test == Some(Test::Preview) {
            return self.preview(reading, run).await;
        }
        let store = &self.app.store;
        let mut claim = self.claim(reading);
        if let Some(own) = &claim
            && let Some(first) = store.claim(&own.key, self.now).await?
        {
            if first.webhook != own.webhook {
                return self.duplicate(&first, own, run).await;
            }
            // An earlier run of this webhook claimed the id. Its count of duplicates stays.
            claim = None;
        }
        match self.decide(reading, &run).await? {
            Err(failure) => run = Run { verdict: Verdict::Error, failure: Some(failure), ..run },
            Ok((decision, events)) => {
                run.contact = decision.contact;
                run.deal = decision.deal;
                run.warnings.extend(decision.warnings);
                let changes = (&decision.changes, events.as_slice());
                return self.commit(changes, claim.as_ref(), run).await;
            }
        }
        store.put_run(self.received, &run).await?;
        Ok(run.into())
    }

    /// Decides the changes and writes only their description. A preview claims no delivery id: the
    /// sender's webhook with this id is still to come.
    async fn preview(&self, reading: &Reading, run: Run) -> Result<Written, StoreError> {
        let run = match self.decide(reading, &run).await? {
            Err(failure) => Run { verdict: Verdict::Error, failure: Some(failure), ..run },
            Ok((decision, _)) => {
                let mut run = Run { preview: Some(preview_of(reading, &decision)?), ..run };
                run.warnings.extend(decision.warnings);
                run
            }
        };
        match self.app.store.put_run(self.received, &run).await {
            Ok(()) => Ok(run.into()),
            Err(StoreError::TooLarge) => self.too_large(run).await,
            Err(error) => Err(error),
        }
    }

    /// Writes a run whose contact, deal or preview does not fit into a row.
    async fn too_large(&self, run: Run) -> Result<Written, StoreError> {
        let failure = Some(Remark::new(Code::DealTooLarge));
        let (verdict, preview) = (Verdict::Error, None);
        let run = Run { verdict, failure, contact: None, deal: None, preview, ..run };
        self.app.store.put_run(self.received, &run).await?;
        Ok(run.into())
    }

    async fn commit(
        &self,
        (changes, events): (&Changes, &[Event]),
        claim: Option<&Claim>,
        run: Run,
    ) -> Result<Written, StoreError> {
        let with = With { run: Some((self.received, &run)), claim, events };
        match self.app.store.commit(self.received.key.workspace, changes, with).await {
            Ok(()) => Ok(Written { run, events: events.iter().map(|event| event.id).collect() }),
            Err(StoreError::TooLarge | StoreError::Corrupt(_)) => self.too_large(run).await,
            Err(error) => Err(error),
        }
    }

    fn claim(&self, reading: &Reading) -> Option<Claim> {
        let dedupe = self.config.integration.dedupe.as_ref()?;
        let id = reading.delivery_id.as_ref()?;
        let window = SignedDuration::from_hours(i64::from(dedupe.window_hours));
        Some(Claim {
            key: keys::coordination::claim(
                self.received.key.workspace,
                self.received.integration,
                id,
            ),
            webhook: self.received.key.webhook,
            body_sha256: hex::encode(self.received.body_sha256),
            seen: 1,
            until: self.received.received_at().checked_add(window).unwrap_or(Timestamp::MAX),
            now: self.now,
        })
    }

    /// Writes the run of a duplicate, without changes. It names the first webhook with the
    /// delivery id (`FACTS D18`).
    async fn duplicate(&self, first: &Claim, own: &Claim, run: Run) -> Result<Written, StoreError> {
        let mut run = Run { duplicate_of: Some(first.webhook), ..run };
        if first.body_sha256 != own.body_sha256 {
            run.warnings.push(Remark::new(Code::IdReuse));
        }
        self.app.store.commit_duplicate(self.received, &run, &first.key).await?;
        Ok(run.into())
    }

    /// Decides the changes of the webhook and their events.
    async fn decide(
        &self,
        reading: &Reading,
        run: &Run,
    ) -> Result<Result<(Decision, Vec<Event>), Remark>, StoreError> {
        let store = &self.app.store;
        let ws = self.received.key.workspace;
        let Some(mapped) = &reading.fields else { return Ok(Ok(Default::default())) };
        let email = mapped.contact.email.as_ref().map(Email::as_str);
        let phone = mapped.contact.phone.as_ref().map(Phone::as_str);
        let owners = store.owners(ws, email, phone).await?;
        let (chosen, conflict) = decide::choose_contact(owners.email, owners.phone);
        let contact = match chosen {
            Some(id) => store.contact(ws, id).await?,
            None => None,
        };
        let own = self.own_deal();
        let existing = || contact.as_ref().and_then(|c| c.deal_in(self.received.key.origin));
        let deal = match own.or_else(existing) {
            Some(id) => store.deal(ws, id).await?,
            None => None,
        };
        let known = Known {
            webhook: self.received.key.webhook,
            integration: &self.config.integration,
            origin: &self.config.origin,
            mapped,
            contact,
            conflict,
            deal_is_own: own.is_some() && deal.is_some(),
            deal,
            now: self.now,
        };
        Ok(decide::decide(&known).map(|decision| {
            let moment = events::moment(&self.config.workspace, self.received, run);
            let events = events::events(&known, &decision, &moment);
            (decision, events)
        }))
    }

    /// The deal that an earlier run of this webhook created (`FACTS D15`).
    fn own_deal(&self) -> Option<DealId> {
        let deals = self.runs.iter().filter_map(|run| run.deal);
        deals.filter(|(_, action)| *action == CrmAction::Created).map(|(id, _)| id).next()
    }
}

/// The result of a preview.
fn preview_of(reading: &Reading, decision: &Decision) -> Result<Preview, StoreError> {
    let corrupt = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
    let none = Mapped::default();
    let mapped = reading.fields.as_ref().unwrap_or(&none);
    Ok(Preview {
        contact: serde_json::to_value(&mapped.contact).map_err(corrupt)?,
        deal: serde_json::to_value(&mapped.deal).map_err(corrupt)?,
        keys: mapped.keys.clone(),
        contact_action: decision.contact.map(|(_, action)| action),
        deal_action: decision.deal.map(|(_, action)| action),
    })
}
