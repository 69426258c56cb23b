//! Lookups: the webhooks of a contact, a deal, or a search term of an origin.
//!
//! Rows are written after the run, by the step that wrote the run; a step that runs again writes
//! them again.

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_domain::inbound::webhook::{CrmAction, Received, Run};

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys::{self, Key},
};

impl Store {
    /// Makes a webhook findable by the results of its run: contact, deal, e-mail, phone, business
    /// keys.
    pub async fn put_lookups(&self, received: &Received, run: &Run) -> Result<(), StoreError> {
        let puts = items(received, run).into_iter().map(|item| self.put_lookup(item));
        futures::future::try_join_all(puts).await.map(drop)
    }

    async fn put_lookup(&self, item: Item) -> Result<(), StoreError> {
        let put = self.db.put_item().table_name(&self.tables.lookups).set_item(Some(item));
        put.send().await.map_err(from_sdk).map(drop)
    }
}

/// The rows that make a webhook findable.
pub(crate) fn items(received: &Received, run: &Run) -> Vec<Item> {
    let row = |key: Key| {
        let mut item = item::key(&key);
        // The origin of the webhook's row: a contact's webhooks may be of several origins.
        item.insert("o".to_owned(), AttributeValue::S(received.key.origin.key()));
        item::expires(&mut item, received.expires_at);
        item
    };
    lookup_keys(received, run).into_iter().map(row).collect()
}

fn lookup_keys(received: &Received, run: &Run) -> Vec<Key> {
    let (ws, webhook) = (received.key.workspace, received.key.webhook);
    let terms = run.found_by.iter().map(|term| keys::lookups::term(ws, received.key.origin, term));
    // A row is not written for a contact or deal that the run neither created nor changed.
    let contact = run.contact.filter(|(_, action)| *action != CrmAction::Unchanged);
    let contact = contact.map(|(id, _)| keys::lookups::contact(ws, id));
    let deal = run.deal.filter(|(_, action)| *action != CrmAction::Unchanged);
    let deal = deal.map(|(id, _)| keys::lookups::deal(ws, id));
    terms.chain(contact).chain(deal).map(|pk| keys::lookups::webhook(pk, webhook)).collect()
}
