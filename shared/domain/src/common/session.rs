//! Sessions of the console: who signed in, for how long, and the short tokens towards the API.
//!
//! A session belongs to an API key or to a person. Rows hold hashes of secrets only.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::common::{
    ids::{KeyId, PersonId, SessionId, WorkspaceId},
    workspace::Role,
};

/// The time without use after which a session ends.
pub const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// The longest life of a session, in seconds; the cookie has the same.
pub const LONGEST_SECONDS: i64 = 7 * 24 * 3_600;
/// The life of a session token.
pub const TOKEN: SignedDuration = SignedDuration::from_mins(15);
/// The number of failed tries to sign in that an address has in a minute.
pub const TRIES: u32 = 5;

/// The issuer of the one person of the local host, who signs in by the link.
pub const LOCAL_ISSUER: &str = "local";
/// The name of that person at the issuer.
pub const LOCAL_OWNER: &str = "owner";

/// The precision of the last use, which saves a write for most uses.
const PRECISION: SignedDuration = SignedDuration::from_hours(1);
/// The longest stored text of a browser's name, in characters.
const AGENT: usize = 120;

/// The API key or the person that a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// An API key: its role in its workspace.
    Key {
        /// The workspace.
        workspace: WorkspaceId,
        /// The key.
        key: KeyId,
    },
    /// A person: a role in every workspace that has the person as a member.
    Person {
        /// The person.
        person: PersonId,
        /// The hash of issuer and `sub`, which locates the row.
        subject: String,
    },
}

/// A session, found by the hash of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id, for the list of one's own sessions.
    pub id: SessionId,
    /// The hash of its secret.
    pub hash: String,
    /// The key or the person.
    pub holder: Holder,
    /// The time of the sign-in.
    pub made_at: Timestamp,
    /// The last use, up to an hour old.
    pub used_at: Timestamp,
    /// The browser's name for itself, shortened.
    pub agent: String,
}

impl Session {
    /// A session that begins now.
    pub fn new(
        id: SessionId,
        hash: String,
        holder: Holder,
        (agent, now): (&str, Timestamp),
    ) -> Self {
        let plain = agent.chars().filter(|c| !c.is_control());
        let agent = plain.take(AGENT).collect();
        Self { id, hash, holder, made_at: now, used_at: now, agent }
    }

    /// The time at which the session ends without further use.
    pub fn ends_at(&self) -> Timestamp {
        let idle = self.used_at.checked_add(IDLE).unwrap_or(Timestamp::MAX);
        idle.min(self.longest())
    }

    /// The time at which it ends in any case.
    pub fn longest(&self) -> Timestamp {
        let longest = SignedDuration::from_secs(LONGEST_SECONDS);
        self.made_at.checked_add(longest).unwrap_or(Timestamp::MAX)
    }

    /// The session after a use, if that is to be stored.
    pub fn used(&self, now: Timestamp) -> Option<Self> {
        let due = now.duration_since(self.used_at) >= PRECISION;
        due.then(|| Self { used_at: now, ..self.clone() })
    }
}

/// A short token of a session, found by the ids in its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionToken {
    /// The hash of its text.
    pub hash: String,
    /// The key or the person.
    pub holder: Holder,
    /// The hash of the session's secret: without the session the token is refused.
    pub session: String,
    /// The end of its life.
    pub expires_at: Timestamp,
}

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id.
    pub id: PersonId,
    /// The issuer of the identity.
    pub issuer: String,
    /// The issuer's name for the person.
    pub sub: String,
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// True for the owner of the deployment.
    #[serde(default)]
    pub owner: bool,
}

/// A person's membership of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The person.
    pub person: PersonId,
    /// The role.
    pub role: Role,
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The time at which the person joined.
    pub since: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(made_at: Timestamp) -> Session {
        let key = KeyId::new(made_at, &[1; 10]);
        let holder = Holder::Key { workspace: WorkspaceId::from_bytes([2; 16]), key };
        let id = SessionId::new(made_at, &[3; 10]);
        Session::new(id, "hash".to_owned(), holder, ("Firefox\u{0}\n 140", made_at))
    }

    #[test]
    fn a_session_ends_twelve_hours_after_its_use_and_seven_days_after_its_beginning() {
        let start: Timestamp = "2026-11-21T13:00:00Z".parse().unwrap();
        let hours = |n| start + SignedDuration::from_hours(n);
        let mut session = session(start);
        assert_eq!(session.ends_at(), hours(12));
        assert_eq!(session.used(hours(1) - SignedDuration::from_secs(1)), None);
        for hour in (11..160).step_by(11) {
            session = session.used(hours(hour)).unwrap();
            assert_eq!(session.ends_at(), hours(hour + 12).min(hours(168)));
        }
        assert_eq!(session.ends_at(), hours(154 + 12));
        assert_eq!(session.used(hours(160)).unwrap().ends_at(), hours(168));
    }

    #[test]
    fn the_browsers_name_is_short_and_plain() {
        let start = Timestamp::UNIX_EPOCH;
        assert_eq!(session(start).agent, "Firefox 140");
        let holder = session(start).holder;
        let id = SessionId::new(start, &[3; 10]);
        let long = Session::new(id, String::new(), holder, (&"é".repeat(500), start));
        assert_eq!(long.agent.chars().count(), 120);
    }
}
