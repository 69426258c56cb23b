//! People who sign in to the console, and their memberships of workspaces.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use gancho_domain::common::{
    ids::{PersonId, WorkspaceId},
    session::{Member, Person},
};

use crate::{
    Store, StoreError, item,
    keys::{self, Key},
};

impl Store {
    /// A person, by the hash of issuer and subject ([`keys::people::subject`]).
    pub async fn person(&self, subject: &str) -> Result<Option<Person>, StoreError> {
        self.configured(&keys::people::person(subject)).await
    }

    /// A member of a workspace.
    pub async fn member(
        &self,
        ws: WorkspaceId,
        person: PersonId,
    ) -> Result<Option<Member>, StoreError> {
        self.configured(&keys::people::member(ws, person)).await
    }

    /// The workspaces that have a person as a member, in the order of their ids. One may be deleted.
    pub async fn memberships(&self, subject: &str) -> Result<Vec<WorkspaceId>, StoreError> {
        let beginning =
            Key { pk: keys::people::partition(subject), sk: keys::people::MEMBERSHIPS.to_owned() };
        let rows = self.config_rows(&beginning).await?;
        let sks = rows.iter().filter_map(|row| item::text(row, "sk").ok());
        Ok(sks.filter_map(keys::people::parse_membership).collect())
    }

    /// Writes a person as a member of workspaces: the person's row, and in each workspace the
    /// member's row with its pointer.
    pub async fn save_membership(
        &self,
        person: &Person,
        members: &[(WorkspaceId, Member)],
    ) -> Result<(), StoreError> {
        let subject = keys::people::subject(&person.issuer, &person.sub);
        let mut puts = vec![self.config_put(item::row(&keys::people::person(&subject), person)?)?];
        for (ws, member) in members {
            let pointer = item::key(&keys::people::membership(&subject, *ws));
            let row = item::row(&keys::people::member(*ws, member.person), member)?;
            puts.extend([self.config_put(pointer)?, self.config_put(row)?]);
        }
        self.transact(puts).await
    }

    /// A put of a row of the configuration, for a transaction.
    pub(crate) fn config_put(&self, row: item::Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.tables.config).set_item(Some(row)).build();
        let put = put.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The rows of a partition of the configuration whose sort keys begin with that of `beginning`.
    pub(crate) async fn config_rows(&self, beginning: &Key) -> Result<Vec<item::Item>, StoreError> {
        let query = self.db.query().table_name(&self.tables.config);
        let query = query
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(beginning.pk.clone()))
            .expression_attribute_values(":prefix", AttributeValue::S(beginning.sk.clone()));
        self.some(query, usize::MAX).await
    }
}
