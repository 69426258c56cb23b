//! The settings of a deployment: read once, at start. A missing one is named in one clear line.

use gancho_store::Tables;

use crate::queue::{Queue, QueueUrls};

/// The settings of a function, from its environment.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The names of the tables; a function that may not use a table is not given its name.
    pub tables: Tables,
    /// The URLs of the queues; a function that may not use a queue is not given its URL.
    pub queues: QueueUrls,
    /// The topic of the notices to people.
    pub notices_topic: Option<String>,
    /// Our own names, which are never sent to.
    pub own_hosts: Vec<String>,
    /// Names that may lead anywhere: the local host's inbox. A deployment has none.
    pub exempt_hosts: Vec<String>,
    /// SHA-256 (hexadecimal) of the deployment's admin key.
    pub admin_key_hash: Option<String>,
    /// The base of public URLs; else the one that a request came to.
    pub public_base_url: Option<String>,
    /// `dev`, `prod`, ...
    pub stage: String,
    /// The local host's settings of the console.
    pub console: ConsoleSettings,
}

/// Settings of the console on the local host. A deployment has none of them.
#[derive(Debug, Clone, Default)]
pub struct ConsoleSettings {
    /// The folder of the built pages. Without it they are those in the binary.
    pub assets: Option<String>,
    /// The file with the state of their build.
    pub build: Option<String>,
    /// SHA-256 (hexadecimal) of the code in the local link.
    pub link_hash: Option<String>,
}

/// A setting that is missing or not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {name} is not set")]
pub struct SettingsError {
    /// The variable.
    pub name: &'static str,
}

impl Settings {
    /// Reads the settings through `var`, which gives a variable's value.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let text = |name: &str| var(name).filter(|value| !value.is_empty());
        let list = |name: &str| -> Vec<String> {
            let text = text(name).unwrap_or_default();
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        };
        let table = |name: &'static str| text(name).unwrap_or_default();
        let tables = Tables {
            config: text("TABLE_CONFIG").ok_or(SettingsError { name: "TABLE_CONFIG" })?,
            history: table("TABLE_HISTORY"),
            bodies: table("TABLE_BODIES"),
            crm: table("TABLE_CRM"),
            events: table("TABLE_EVENTS"),
            deliveries: table("TABLE_DELIVERIES"),
            coordination: table("TABLE_COORDINATION"),
            lookups: table("TABLE_LOOKUPS"),
            tallies: table("TABLE_TALLIES"),
        };
        Ok(Self {
            tables,
            queues: Queue::ALL
                .into_iter()
                .filter_map(|queue| Some((queue, text(queue.variable())?)))
                .collect(),
            notices_topic: text("TOPIC_NOTICES_ARN"),
            own_hosts: list("OWN_HOSTS").iter().map(|named| host_of(named)).collect(),
            exempt_hosts: list("EGRESS_EXEMPT_HOSTS"),
            admin_key_hash: text("ADMIN_KEY_HASH"),
            public_base_url: text("PUBLIC_BASE_URL"),
            stage: text("STAGE").unwrap_or_else(|| "dev".to_owned()),
            console: ConsoleSettings {
                assets: text("CONSOLE_ASSETS"),
                build: text("CONSOLE_BUILD"),
                link_hash: text("CONSOLE_LINK_HASH"),
            },
        })
    }

    /// Refuses to start without the URL of a queue that the function uses.
    pub fn require(&self, queues: &[Queue]) -> Result<(), SettingsError> {
        match queues.iter().find(|queue| !self.queues.contains_key(queue)) {
            None => Ok(()),
            Some(missing) => Err(SettingsError { name: missing.variable() }),
        }
    }

    /// Reads the settings from the process's environment.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from_vars(|name| std::env::var(name).ok())
    }
}

/// The host of what names it by itself or by a whole URL (`https://hooks.example.com/`).
fn host_of(named: &str) -> String {
    let rest = named.split_once("://").map_or(named, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_06_our_own_names_are_hosts_however_they_are_named() {
        let vars = |name: &str| match name {
            "TABLE_CONFIG" => Some("config".to_owned()),
            "OWN_HOSTS" => Some("a.example, https://B.example:8443/x ,,c.example.".to_owned()),
            _ => None,
        };
        let settings = Settings::from_vars(vars).unwrap();
        assert_eq!(settings.own_hosts, ["a.example", "b.example", "c.example"]);
    }

    #[test]
    fn te_12_a_missing_table_is_named() {
        let missing = Settings::from_vars(|_| None).unwrap_err();
        assert_eq!(missing.to_string(), "the environment variable TABLE_CONFIG is not set");
    }

    #[test]
    fn te_12_a_missing_queue_stops_the_start_and_is_named() {
        let vars = |name: &str| match name {
            "TABLE_CONFIG" => Some("config".to_owned()),
            "QUEUE_DELIVER_URL" => Some("http://127.0.0.1/deliver".to_owned()),
            "QUEUE_LANES_URL" => Some(String::new()),
            _ => None,
        };
        let settings = Settings::from_vars(vars).unwrap();
        assert_eq!(settings.require(&[Queue::Deliver]), Ok(()));
        let missing = settings.require(&[Queue::Deliver, Queue::Lanes]).unwrap_err();
        assert_eq!(missing.to_string(), "the environment variable QUEUE_LANES_URL is not set");
    }
}
