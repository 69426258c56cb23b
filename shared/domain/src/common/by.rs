//! The author of a change or request: an API key, or a person.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::common::ids::{KeyId, PersonId};

/// The author of a change or request, with its name at that moment. Serialized as `{"kind": "key",
/// "id": "key_…", "name": "…"}`. Jobs of earlier versions stored the id of a key alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", from = "Stored")]
pub enum By {
    /// An API key.
    Key {
        /// Its id.
        id: KeyId,
        /// Its name; `None` if it was not known.
        name: Option<String>,
    },
    /// A person, in a session of the console.
    Person {
        /// The id.
        id: PersonId,
        /// The name; `None` if it was not known.
        name: Option<String>,
    },
}

/// A time and the author of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The time.
    pub at: Timestamp,
    /// The author; `None` if it was not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

/// The stored forms of [`By`].
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Id(KeyId),
    Named(Named),
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Named {
    Key { id: KeyId, name: Option<String> },
    Person { id: PersonId, name: Option<String> },
}

impl From<Stored> for By {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Id(id) => Self::Key { id, name: None },
            Stored::Named(Named::Key { id, name }) => Self::Key { id, name },
            Stored::Named(Named::Person { id, name }) => Self::Person { id, name },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_author_is_read_as_it_was_written_and_as_the_id_of_a_key() {
        let key = "key_00000000000000000000000000000001";
        let named = json!({"kind": "key", "id": key, "name": "CI"});
        let person = json!({"kind": "person", "id": key.replace("key", "per"), "name": null});
        for stored in [named, person] {
            let by: By = serde_json::from_value(stored.clone()).unwrap();
            assert_eq!(serde_json::to_value(by).unwrap(), stored);
        }
        let old: By = serde_json::from_value(json!(key)).unwrap();
        assert_eq!(old, By::Key { id: key.parse().unwrap(), name: None });
        assert!(serde_json::from_value::<By>(json!("per_1")).is_err());
    }
}
