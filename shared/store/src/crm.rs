//! Contacts and deals, and the owners of e-mail addresses and phone numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem};
use gancho_domain::{
    common::ids::{ContactId, DealId, WorkspaceId},
    crm::decide::{Change, Changes, Identity},
    crm::{Contact, Deal},
    inbound::webhook::{Received, Run},
    outbound::event::Event,
};

use crate::{
    Store, StoreError,
    coordination::Claim,
    error::{from_sdk, from_transaction},
    item::{self, Item},
    keys::{self, Key},
};

/// The largest number of rows that one `BatchGetItem` takes.
const BATCH_GET: usize = 100;

/// The contacts that own an e-mail address and a phone number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Owners {
    /// The owner of the e-mail address.
    pub email: Option<ContactId>,
    /// The owner of the phone number.
    pub phone: Option<ContactId>,
}

/// A normalised address that at most one contact owns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// An e-mail address.
    Email(String),
    /// A phone number.
    Phone(String),
}

impl Address {
    fn key(&self, ws: WorkspaceId) -> Key {
        match self {
            Self::Email(email) => keys::crm::email(ws, email),
            Self::Phone(phone) => keys::crm::phone(ws, phone),
        }
    }
}

/// The rows that are written together with the CRM's rows, or not at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct With<'a> {
    /// The run that made the changes.
    pub run: Option<(&'a Received, &'a Run)>,
    /// The sender's delivery id, claimed for this webhook.
    pub claim: Option<&'a Claim>,
    /// The events that the changes cause: the outbox (`DESIGN 4`).
    pub events: &'a [Event],
}

impl Store {
    /// A contact.
    pub async fn contact(
        &self,
        ws: WorkspaceId,
        id: ContactId,
    ) -> Result<Option<Contact>, StoreError> {
        item::maybe_doc(self.get(&self.tables.crm, &keys::crm::contact(ws, id)).await?)
    }

    /// A deal.
    pub async fn deal(&self, ws: WorkspaceId, id: DealId) -> Result<Option<Deal>, StoreError> {
        item::maybe_doc(self.get(&self.tables.crm, &keys::crm::deal(ws, id)).await?)
    }

    /// The owners of this e-mail address and this phone number; one call.
    pub async fn owners(
        &self,
        ws: WorkspaceId,
        email: Option<&str>,
        phone: Option<&str>,
    ) -> Result<Owners, StoreError> {
        let email = email.map(|email| keys::crm::email(ws, email));
        let phone = phone.map(|phone| keys::crm::phone(ws, phone));
        let requested: Vec<Item> = email.iter().chain(phone.iter()).map(item::key).collect();
        if requested.is_empty() {
            return Ok(Owners::default());
        }
        let found = self.batch_get(&self.tables.crm, requested).await?;
        let owner = |key: Option<&Key>| {
            let pk = key.map(|key| key.pk.as_str())?;
            found.iter().find(|item| item::text(item, "pk").is_ok_and(|found| found == pk))
        };
        Ok(Owners {
            email: owner(email.as_ref()).map(owner_of).transpose()?,
            phone: owner(phone.as_ref()).map(owner_of).transpose()?,
        })
    }

    /// The owners of those addresses that have one; a call for every hundred of them.
    pub async fn all_owners(
        &self,
        ws: WorkspaceId,
        addresses: BTreeSet<Address>,
    ) -> Result<BTreeMap<Address, ContactId>, StoreError> {
        let mut requested: HashMap<String, Address> =
            addresses.into_iter().map(|address| (address.key(ws).pk, address)).collect();
        let keys: Vec<Item> =
            requested.values().map(|address| item::key(&address.key(ws))).collect();
        let mut owners = BTreeMap::new();
        for keys in keys.chunks(BATCH_GET) {
            for row in self.batch_get(&self.tables.crm, keys.to_vec()).await? {
                if let Some(address) = requested.remove(item::text(&row, "pk")?) {
                    owners.insert(address, owner_of(&row)?);
                }
            }
        }
        Ok(owners)
    }

    /// Up to [`BATCH_GET`] rows by their keys, strongly consistent. Requests unprocessed keys again.
    pub(crate) async fn batch_get(
        &self,
        table: &str,
        keys: Vec<Item>,
    ) -> Result<Vec<Item>, StoreError> {
        let requested = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
        let requested = requested.build().map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let mut open = HashMap::from([(table.to_owned(), requested)]);
        let mut found = Vec::new();
        for _ in 0..5 {
            let call = self.db.batch_get_item().set_request_items(Some(open));
            let answer = call.send().await.map_err(from_sdk)?;
            found.extend(answer.responses.unwrap_or_default().remove(table).unwrap_or_default());
            open = answer.unprocessed_keys.unwrap_or_default();
            if open.is_empty() {
                return Ok(found);
            }
        }
        Err(StoreError::Busy("unprocessed keys".to_owned()))
    }

    /// Writes changes, the run, the claim and the events together or not at all.
    /// [`StoreError::Condition`]: a row is not as it was read, or the run was written before.
    pub async fn commit(
        &self,
        ws: WorkspaceId,
        changes: &Changes,
        with: With<'_>,
    ) -> Result<(), StoreError> {
        let mut puts = self.crm_puts(ws, changes)?;
        for event in with.events {
            puts.push(self.event_put(ws, event)?);
        }
        if let Some((received, run)) = with.run {
            if puts.is_empty() && with.claim.is_none() {
                return self.put_run(received, run).await;
            }
            puts.push(self.run_put(received, run)?);
        }
        if let Some(claim) = with.claim {
            puts.push(self.claim_put(claim)?);
        }
        if puts.is_empty() {
            return Ok(());
        }
        let writes = puts.into_iter().map(|put| TransactWriteItem::builder().put(put).build());
        let call = self.db.transact_write_items().set_transact_items(Some(writes.collect()));
        call.send().await.map_err(from_transaction).map(drop)
    }

    /// Writes the run of a webhook whose delivery id was claimed before, and counts the webhook
    /// there only once.
    pub async fn commit_duplicate(
        &self,
        received: &Received,
        run: &Run,
        claim: &Key,
    ) -> Result<(), StoreError> {
        let put = TransactWriteItem::builder().put(self.run_put(received, run)?).build();
        let count = TransactWriteItem::builder().update(self.claim_count(claim)?).build();
        let call = self.db.transact_write_items().transact_items(put).transact_items(count);
        call.send().await.map_err(from_transaction).map(drop)
    }

    fn crm_puts(&self, ws: WorkspaceId, changes: &Changes) -> Result<Vec<Put>, StoreError> {
        let mut puts = Vec::new();
        if let Some(Change { before, after }) = &changes.contact {
            let bucket = keys::crm::bucket(after.id.as_bytes());
            let list = keys::crm::contacts(ws, bucket);
            let item = item::row(&keys::crm::contact(ws, after.id), after)?;
            puts.push(self.crm_put(listed(item, list, after.id.key()), *before)?);
            for identity in &changes.identities {
                puts.push(self.identity_put(ws, identity, after.id)?);
            }
        }
        if let Some(Change { before, after }) = &changes.deal {
            let bucket = keys::crm::bucket(after.id.as_bytes());
            let list = keys::crm::deals(ws, after.origin, bucket);
            let item = item::row(&keys::crm::deal(ws, after.id), after)?;
            puts.push(self.crm_put(listed(item, list, after.id.key()), *before)?);
        }
        Ok(puts)
    }

    fn crm_put(&self, mut item: Item, before: Option<u64>) -> Result<Put, StoreError> {
        let version = before.unwrap_or(0) + 1;
        item.insert("v".to_owned(), AttributeValue::N(version.to_string()));
        let put = Put::builder().table_name(&self.tables.crm).set_item(Some(item));
        let put = match before {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(version) => put
                .condition_expression("v = :v")
                .expression_attribute_values(":v", AttributeValue::N(version.to_string())),
        };
        put.build().map_err(|e| StoreError::Corrupt(e.to_string()))
    }

    /// The row that assigns an e-mail address or phone number to one contact.
    fn identity_put(
        &self,
        ws: WorkspaceId,
        identity: &Identity,
        owner: ContactId,
    ) -> Result<Put, StoreError> {
        let key = match identity {
            Identity::Email(email) => keys::crm::email(ws, email.as_str()),
            Identity::Phone(phone) => keys::crm::phone(ws, phone.as_str()),
        };
        let owner = AttributeValue::S(owner.key());
        let mut item = item::key(&key);
        item.insert("c".to_owned(), owner.clone());
        Put::builder()
            .table_name(&self.tables.crm)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR c = :c")
            .expression_attribute_values(":c", owner)
            .build()
            .map_err(|e| StoreError::Corrupt(e.to_string()))
    }
}

fn owner_of(item: &Item) -> Result<ContactId, StoreError> {
    let id = item::text(item, "c")?;
    ContactId::from_key(id).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// Adds the keys of the index `by-list`.
fn listed(mut item: Item, list: String, sort: String) -> Item {
    item.insert("list".to_owned(), AttributeValue::S(list));
    item.insert("list_sk".to_owned(), AttributeValue::S(sort));
    item
}
