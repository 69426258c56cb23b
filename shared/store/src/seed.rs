//! Rows as the functions write them, without writing them: a benchmark fills a store with them.

use gancho_domain::inbound::webhook::{Received, Run};

use crate::{Item, Store, StoreError};

impl Store {
    /// The rows of a webhook, its runs and its lookups, each with the name of its table. For bodies
    /// that fit in the webhook's row.
    pub fn rows_of(
        &self,
        received: &Received,
        body: &[u8],
        runs: &[Run],
    ) -> Result<Vec<(&str, Item)>, StoreError> {
        let writer = received.key.webhook.key();
        let webhook = crate::history::inline_item(received, body, writer)?;
        let mut rows = vec![(self.tables.history.as_str(), webhook)];
        for run in runs {
            let put = self.run_put(received, run)?;
            rows.push((&self.tables.history, put.item().clone()));
            let lookups = crate::lookups::items(received, run).into_iter();
            rows.extend(lookups.map(|item| (self.tables.lookups.as_str(), item)));
        }
        Ok(rows)
    }
}
