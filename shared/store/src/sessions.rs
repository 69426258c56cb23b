//! Sessions of the console, their tokens, and failed tries to sign in. Rows hold hashes of secrets,
//! never secrets, and expire.

use aws_sdk_dynamodb::types::{Delete, ReturnValue, TransactWriteItem};
use gancho_domain::common::{
    ids::{SessionTokenId, WorkspaceId},
    session::{Holder, Session, SessionToken},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys::{self, Key},
};

/// The time for which the tries of a minute are kept.
const TRIES_KEPT: SignedDuration = SignedDuration::from_mins(2);

/// The row that lists a session under its holder.
#[derive(Debug, Serialize, Deserialize)]
struct Pointer {
    hash: String,
}

impl Store {
    /// Stores a new session, and lists it under its holder.
    pub async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        let mut pointer = item::row(&pointer(session), &Pointer { hash: session.hash.clone() })?;
        item::ends(&mut pointer, session.longest());
        self.transact(vec![self.config_put(session_row(session)?)?, self.config_put(pointer)?])
            .await
    }

    /// The session of a secret's hash, unless it has ended.
    pub async fn session(&self, hash: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let row = self.get(&self.tables.config, &keys::people::session(hash)).await?;
        item::maybe_doc(row.filter(|row| !item::has_ended(row, now)))
    }

    /// Stores the use of a session, unless the session is deleted.
    pub async fn save_session(&self, session: &Session) -> Result<(), StoreError> {
        let call = self.db.put_item().table_name(&self.tables.config);
        let call = call.set_item(Some(session_row(session)?));
        match call.condition_expression("attribute_exists(pk)").send().await.map_err(from_sdk) {
            Ok(_) | Err(StoreError::Condition) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Deletes a session. Its tokens are refused from now on, except by the gateway's cache of 60 s.
    pub async fn delete_session(&self, session: &Session) -> Result<(), StoreError> {
        let delete = |key: &Key| {
            let delete = Delete::builder().table_name(&self.tables.config);
            let delete = delete.set_key(Some(item::key(key))).build();
            let delete = delete.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            Ok(TransactWriteItem::builder().delete(delete).build())
        };
        let keys = [keys::people::session(&session.hash), pointer(session)];
        self.transact(keys.iter().map(delete).collect::<Result<_, StoreError>>()?).await
    }

    /// The sessions of a holder that have not ended, oldest first.
    pub async fn sessions_of(
        &self,
        holder: &Holder,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let mut found = Vec::new();
        for row in self.config_rows(&sessions(holder)).await? {
            let Pointer { hash } = item::doc(&row)?;
            found.extend(self.session(&hash, now).await?);
        }
        Ok(found)
    }

    /// Stores a new session token.
    pub async fn create_session_token(
        &self,
        (ws, id): (WorkspaceId, SessionTokenId),
        token: &SessionToken,
    ) -> Result<(), StoreError> {
        let mut row = item::row(&keys::people::session_token(ws, id), token)?;
        item::ends(&mut row, token.expires_at);
        let call = self.db.put_item().table_name(&self.tables.config).set_item(Some(row));
        call.send().await.map_err(from_sdk).map(drop)
    }

    /// A session token, unless it has ended.
    pub async fn session_token(
        &self,
        ws: WorkspaceId,
        id: SessionTokenId,
        now: Timestamp,
    ) -> Result<Option<SessionToken>, StoreError> {
        let row = self.get(&self.tables.config, &keys::people::session_token(ws, id)).await?;
        item::maybe_doc(row.filter(|row| !item::has_ended(row, now)))
    }

    /// Counts a try to sign in from an address; returns the number in this minute. The count comes
    /// before the check, so that tries at the same time cannot pass the limit together.
    pub async fn count_try(&self, address: &str, now: Timestamp) -> Result<u32, StoreError> {
        self.add_tries(address, now, 1).await
    }

    /// Takes a counted try back: it succeeded.
    pub async fn forgive_try(&self, address: &str, now: Timestamp) -> Result<(), StoreError> {
        self.add_tries(address, now, -1).await.map(drop)
    }

    async fn add_tries(&self, address: &str, now: Timestamp, n: i64) -> Result<u32, StoreError> {
        let key = keys::people::tries(address, now.as_second().div_euclid(60));
        let call = self.db.update_item().table_name(&self.tables.config);
        let updated = call
            .set_key(Some(item::key(&key)))
            .update_expression("ADD n :n SET expires_at = :end")
            .expression_attribute_values(":n", item::n(n))
            .expression_attribute_values(":end", item::n((now + TRIES_KEPT).as_second()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(from_sdk)?;
        let counted = updated.attributes().and_then(|row| item::number(row, "n"));
        counted.ok_or_else(|| StoreError::Corrupt("a count of tries has no number".to_owned()))
    }
}

fn session_row(session: &Session) -> Result<Item, StoreError> {
    let mut row = item::row(&keys::people::session(&session.hash), session)?;
    item::ends(&mut row, session.ends_at());
    Ok(row)
}

/// The beginning of the keys of a holder's sessions.
fn sessions(holder: &Holder) -> Key {
    match holder {
        Holder::Key { workspace, key } => keys::people::sessions_of_key(*workspace, *key),
        Holder::Person { subject, .. } => keys::people::sessions_of_person(subject),
    }
}

fn pointer(session: &Session) -> Key {
    keys::people::session_pointer(&sessions(&session.holder), session.id)
}
