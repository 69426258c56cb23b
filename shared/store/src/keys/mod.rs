//! The format of all keys. No other module builds one.
//!
//! A partition key begins with the workspace's bare id (`FACTS TE-02, I13`), ids have no prefix,
//! and `#` joins parts. Only people and sessions stand outside of workspaces ([`people`]), and rows
//! that schedules read over all workspaces: they begin with a word, and their sort keys hold the id.
//! Text from outside (a search term, a delivery id) is the last part or a
//! hash, so that it cannot form another key.

use gancho_domain::{
    common::{
        calendar::Day,
        ids::{
            ContactId, DealId, EndpointId, IntegrationId, JobId, KeyId, OriginId, PersonId, RuleId,
            SessionId, SessionTokenId, WebhookId, WorkspaceId,
        },
    },
    inbound::webhook::WebhookKey,
};
use sha2::{Digest, Sha256};

mod outbound;

pub use outbound::{deliveries, events, gates, held, lanes, notices, parked};

/// A partition key and a sort key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }
}

/// The beginnings of the partition keys of `coordination` that schedules read over all workspaces.
pub const OVER_ALL: [&str; 3] = ["parked", notices::UNSENT, "sweep"];

/// SHA-256 as 64 hexadecimal digits.
pub fn sha256_hex(text: &[u8]) -> String {
    hex::encode(Sha256::digest(text))
}

/// `config`: rows of a workspace's configuration share a partition.
pub mod config {
    use super::{EndpointId, IntegrationId, Key, KeyId, OriginId, RuleId, WorkspaceId, sha256_hex};

    /// The partition of a workspace.
    pub fn partition(ws: WorkspaceId) -> String {
        ws.key()
    }
    /// The workspace itself.
    pub fn workspace(ws: WorkspaceId) -> Key {
        Key::new(ws.key(), WORKSPACE)
    }
    /// An origin.
    pub fn origin(ws: WorkspaceId, id: OriginId) -> Key {
        Key::new(ws.key(), format!("{ORIGINS}{}", id.key()))
    }
    /// An integration with its current mapping.
    pub fn integration(ws: WorkspaceId, id: IntegrationId) -> Key {
        Key::new(ws.key(), format!("{INTEGRATIONS}{}", id.key()))
    }
    /// A previous version of a mapping.
    pub fn mapping(ws: WorkspaceId, id: IntegrationId, version: u32) -> Key {
        Key::new(ws.key(), format!("mapping#{}#{version:08}", id.key()))
    }
    /// The version in the sort key of a previous version of a mapping or rule.
    pub fn parse_version<T: std::str::FromStr>(sk: &str) -> Option<T> {
        sk.rsplit('#').next()?.parse().ok()
    }
    /// An API key.
    pub fn api_key(ws: WorkspaceId, id: KeyId) -> Key {
        Key::new(ws.key(), format!("{API_KEYS}{}", id.key()))
    }
    /// An ingest token, by its hash.
    pub fn token(ws: WorkspaceId, token: &str) -> Key {
        Key::new(ws.key(), format!("token#{}", sha256_hex(token.as_bytes())))
    }
    /// The last name of an integration that was deleted (`FACTS D20`).
    pub fn deleted(ws: WorkspaceId, id: IntegrationId) -> Key {
        Key::new(ws.key(), format!("{DELETED_INTEGRATION}{}", id.key()))
    }
    /// An endpoint.
    pub fn endpoint(ws: WorkspaceId, id: EndpointId) -> Key {
        Key::new(ws.key(), format!("{ENDPOINTS}{}", id.key()))
    }
    /// A rule in its current version.
    pub fn rule(ws: WorkspaceId, id: RuleId) -> Key {
        Key::new(ws.key(), format!("{RULES}{}", id.key()))
    }
    /// A rule in a current or previous version.
    pub fn rule_version(ws: WorkspaceId, id: RuleId, version: u64) -> Key {
        Key::new(ws.key(), format!("rule-version#{}#{version:010}", id.key()))
    }
    /// The last name of an endpoint that was deleted.
    pub fn deleted_endpoint(ws: WorkspaceId, id: EndpointId) -> Key {
        Key::new(ws.key(), format!("gone-endpoint#{}", id.key()))
    }
    /// The last name of a rule that was deleted.
    pub fn deleted_rule(ws: WorkspaceId, id: RuleId) -> Key {
        Key::new(ws.key(), format!("gone-rule#{}", id.key()))
    }
    /// The sort key of every workspace.
    pub const WORKSPACE: &str = "workspace";
    /// The beginning of every endpoint's sort key.
    pub const ENDPOINTS: &str = "endpoint#";
    /// The beginning of every rule's sort key.
    pub const RULES: &str = "rule#";
    /// The beginning of every deleted integration's sort key.
    pub const DELETED_INTEGRATION: &str = "deleted#";
    /// The beginning of every origin's sort key.
    pub const ORIGINS: &str = "origin#";
    /// The beginning of every integration's sort key.
    pub const INTEGRATIONS: &str = "integration#";
    /// The beginning of every API key's sort key.
    pub const API_KEYS: &str = "key#";
}

/// `config`, beside the workspaces: people, sessions and tries to sign in. Each of these partition
/// keys begins with a word, which no workspace's does.
pub mod people {
    use super::{Key, KeyId, PersonId, SessionId, SessionTokenId, WorkspaceId, sha256_hex};

    /// The hash that locates a person: of the issuer and the issuer's name for the person.
    pub fn subject(issuer: &str, sub: &str) -> String {
        sha256_hex(format!("{issuer}\n{sub}").as_bytes())
    }
    /// The partition of a person.
    pub fn partition(subject: &str) -> String {
        format!("person#{subject}")
    }
    /// A person.
    pub fn person(subject: &str) -> Key {
        Key::new(partition(subject), "person")
    }
    /// The beginning of the sort keys of a person's workspaces.
    pub const MEMBERSHIPS: &str = "member#";
    /// The pointer to a workspace of a person.
    pub fn membership(subject: &str, ws: WorkspaceId) -> Key {
        Key::new(partition(subject), format!("{MEMBERSHIPS}{}", ws.key()))
    }
    /// The workspace that a [`membership`] points to.
    pub fn parse_membership(sk: &str) -> Option<WorkspaceId> {
        WorkspaceId::from_key(sk.strip_prefix(MEMBERSHIPS)?).ok()
    }
    /// A member, in the partition of the workspace.
    pub fn member(ws: WorkspaceId, person: PersonId) -> Key {
        Key::new(ws.key(), format!("member#{}", person.key()))
    }
    /// A session, by the hash of its secret.
    pub fn session(hash: &str) -> Key {
        Key::new(format!("session#{hash}"), "session")
    }
    /// The partition and the beginning of the sort keys of a key's sessions.
    pub fn sessions_of_key(ws: WorkspaceId, key: KeyId) -> Key {
        Key::new(ws.key(), format!("key-session#{}#", key.key()))
    }
    /// The partition and the beginning of the sort keys of a person's sessions.
    pub fn sessions_of_person(subject: &str) -> Key {
        Key::new(partition(subject), "session#")
    }
    /// The pointer to a session, below the beginning that one of the two functions before gives.
    pub fn session_pointer(of: &Key, id: SessionId) -> Key {
        Key::new(of.pk.clone(), format!("{}{}", of.sk, id.key()))
    }
    /// A session token.
    pub fn session_token(ws: WorkspaceId, id: SessionTokenId) -> Key {
        Key::new(ws.key(), format!("session-token#{}", id.key()))
    }
    /// The failed tries to sign in from an address in a minute, counted from the epoch.
    pub fn tries(address: &str, minute: i64) -> Key {
        Key::new(format!("tries#{}", sha256_hex(address.as_bytes())), minute.to_string())
    }
}

/// `history`: webhooks by origin, day and shard; runs directly after their webhook.
pub mod history {
    use super::{Day, Key, OriginId, WebhookId, WebhookKey, WorkspaceId};

    /// The partition of a day and shard.
    pub fn partition(ws: WorkspaceId, origin: OriginId, day: Day, shard: u8) -> String {
        format!("{}#{}#{day}#{shard:02x}", ws.key(), origin.key())
    }
    /// The received request.
    pub fn webhook(key: &WebhookKey) -> Key {
        let day = Day::of(key.webhook.made_at());
        Key::new(partition(key.workspace, key.origin, day, key.webhook.shard()), key.webhook.key())
    }
    /// One of its runs.
    pub fn run(key: &WebhookKey, number: u32) -> Key {
        let Key { pk, sk } = webhook(key);
        Key::new(pk, format!("{sk}{RUN}{number:04}"))
    }
    /// The separator between a webhook's sort key and a run's number.
    pub const RUN: &str = "#r";

    /// Reads a row's key: its webhook, and the number of the run if it is one.
    pub fn parse(pk: &str, sk: &str) -> Option<(WebhookKey, Option<u32>)> {
        let mut parts = pk.split('#');
        let workspace = WorkspaceId::from_key(parts.next()?).ok()?;
        let origin = OriginId::from_key(parts.next()?).ok()?;
        let (id, run) = match sk.split_once(RUN) {
            Some((id, number)) => (id, Some(number.parse().ok()?)),
            None => (sk, None),
        };
        let webhook = WebhookId::from_key(id).ok()?;
        Some((WebhookKey { workspace, origin, webhook }, run))
    }
}

/// `bodies`: chunks of a body that does not fit in its webhook's row.
pub mod bodies {
    use super::{Key, WebhookKey};

    /// A chunk, counted from 0.
    pub fn chunk(key: &WebhookKey, number: u32) -> Key {
        Key::new(format!("{}#{}", key.workspace.key(), key.webhook.key()), format!("{number:04}"))
    }
}

/// `crm`: contacts, deals, and the owners of e-mail addresses and phone numbers.
pub mod crm {
    use super::{ContactId, DealId, Key, OriginId, WorkspaceId};

    /// A contact.
    pub fn contact(ws: WorkspaceId, id: ContactId) -> Key {
        Key::new(format!("{}#contact#{}", ws.key(), id.key()), "contact")
    }
    /// A deal.
    pub fn deal(ws: WorkspaceId, id: DealId) -> Key {
        Key::new(format!("{}#deal#{}", ws.key(), id.key()), "deal")
    }
    /// The owner of an e-mail address.
    pub fn email(ws: WorkspaceId, email: &str) -> Key {
        Key::new(format!("{}#email#{email}", ws.key()), "owner")
    }
    /// The owner of a phone number.
    pub fn phone(ws: WorkspaceId, phone: &str) -> Key {
        Key::new(format!("{}#phone#{phone}", ws.key()), "owner")
    }
    /// The number of partitions of the index over which a list is spread.
    pub const BUCKETS: u8 = 4;
    /// A bucket of the list of contacts.
    pub fn contacts(ws: WorkspaceId, bucket: u8) -> String {
        format!("{}#contacts#{bucket:02x}", ws.key())
    }
    /// A bucket of an origin's list of deals.
    pub fn deals(ws: WorkspaceId, origin: OriginId, bucket: u8) -> String {
        format!("{}#deals#{}#{bucket:02x}", ws.key(), origin.key())
    }
    /// The bucket of an id.
    pub fn bucket(id: &[u8; 16]) -> u8 {
        id.last().map_or(0, |byte| byte % BUCKETS)
    }
}

/// `coordination`: claims, leases, jobs, refusals, idempotency keys.
pub mod coordination {
    use super::{Day, IntegrationId, JobId, Key, WebhookId, WorkspaceId, sha256_hex};

    /// The first webhook with a sender's delivery id.
    pub fn claim(ws: WorkspaceId, integration: IntegrationId, delivery_id: &str) -> Key {
        let hash = sha256_hex(delivery_id.as_bytes());
        Key::new(format!("{}#claim#{}#{hash}", ws.key(), integration.key()), "claim")
    }
    /// A run that was requested and has not ended.
    pub fn lease(ws: WorkspaceId, webhook: WebhookId) -> Key {
        Key::new(format!("{}#lease#{}", ws.key(), webhook.key()), "lease")
    }
    /// The partition of an integration's refusals.
    pub fn refusals(ws: WorkspaceId, integration: IntegrationId) -> String {
        format!("{}#refused#{}", ws.key(), integration.key())
    }
    /// An integration's refusals of one day, for one reason.
    pub fn refusal(ws: WorkspaceId, integration: IntegrationId, day: Day, reason: &str) -> Key {
        Key::new(refusals(ws, integration), format!("{day}#{reason}"))
    }
    /// The partition of a workspace's jobs.
    pub fn jobs(ws: WorkspaceId) -> String {
        format!("{}#jobs", ws.key())
    }
    /// A job.
    pub fn job(ws: WorkspaceId, id: JobId) -> Key {
        Key::new(jobs(ws), id.key())
    }
    /// The progress of a part of a job.
    pub fn job_part(ws: WorkspaceId, id: JobId, part: &str) -> Key {
        Key::new(format!("{}#job#{}", ws.key(), id.key()), part.to_owned())
    }
    /// A webhook whose run a job enqueued without effect.
    pub fn job_dropped(ws: WorkspaceId, id: JobId, webhook: &str) -> Key {
        Key::new(format!("{}#dropped#{}", ws.key(), id.key()), webhook.to_owned())
    }
    /// The position of the hourly sweep over all origins.
    pub fn sweep() -> Key {
        Key::new("sweep".to_owned(), "position")
    }
    /// An idempotency key of the API.
    pub fn idempotency(ws: WorkspaceId, key: &str) -> Key {
        Key::new(format!("{}#once#{}", ws.key(), sha256_hex(key.as_bytes())), "once")
    }
}

/// `lookups`: webhooks and deliveries by search keys.
pub mod lookups {
    use super::{ContactId, DealId, Key, OriginId, WebhookId, WorkspaceId};

    /// The partition of the deliveries of a subject: text from outside, so it is the last part.
    pub fn subject(ws: WorkspaceId, subject: &str) -> String {
        format!("{}#subject#{subject}", ws.key())
    }

    /// The partition of a search term (`email:…`, `phone:…`, `key:…`) in an origin.
    pub fn term(ws: WorkspaceId, origin: OriginId, term: &str) -> String {
        format!("{}#{}#{term}", ws.key(), origin.key())
    }
    /// The partition of the webhooks that created or changed a contact.
    pub fn contact(ws: WorkspaceId, id: ContactId) -> String {
        format!("{}#contact#{}", ws.key(), id.key())
    }
    /// The partition of the webhooks that created or changed a deal.
    pub fn deal(ws: WorkspaceId, id: DealId) -> String {
        format!("{}#deal#{}", ws.key(), id.key())
    }
    /// A webhook in such a partition.
    pub fn webhook(partition: String, id: WebhookId) -> Key {
        Key::new(partition, id.key())
    }
}

/// `tallies`: counters by day, shard, integration and retention. Those of deliveries are separate:
/// see [`delivery_tallies`].
pub mod tallies {
    use super::{Day, IntegrationId, JobId, Key, OriginId, WorkspaceId};

    /// The partition of an origin.
    pub fn partition(ws: WorkspaceId, origin: OriginId) -> String {
        format!("{}#{}", ws.key(), origin.key())
    }
    /// The counters of one integration on one day, for one shard of the history and one retention.
    pub fn row(
        ws: WorkspaceId,
        origin: OriginId,
        (day, shard): (Day, u8),
        integration: IntegrationId,
        months: u8,
    ) -> Key {
        Key::new(
            partition(ws, origin),
            format!("{day}#{shard:02x}#{}#{months:02}", integration.key()),
        )
    }
    /// The watermark of a day and shard: the time up to which the counters are complete.
    pub fn mark(ws: WorkspaceId, origin: OriginId, day: Day, shard: u8) -> Key {
        Key::new(partition(ws, origin), format!("{day}#{shard:02x}#{MARK}"))
    }
    /// The runs that a job caused in one of its parts.
    pub fn job_runs(ws: WorkspaceId, id: JobId, part: &str) -> Key {
        Key::new(format!("{}#job#{}", ws.key(), id.key()), part.to_owned())
    }
    pub(crate) const MARK: &str = "mark";
    /// Reads a watermark's sort key.
    pub fn parse_watermark(sk: &str) -> Option<(Day, u8)> {
        let (day, rest) = sk.split_once('#')?;
        let (shard, MARK) = rest.split_once('#')? else { return None };
        Some((Day::parse(day)?, u8::from_str_radix(shard, 16).ok()?))
    }
    /// The first and last sort keys that rows of a range of days can have.
    pub fn days(first: Day, last: Day) -> (String, String) {
        (first.to_string(), last.after().to_string())
    }
    /// Reads a sort key.
    pub fn parse(sk: &str) -> Option<(Day, u8, IntegrationId, u8)> {
        let mut parts = sk.split('#');
        let day = Day::parse(parts.next()?)?;
        let shard = u8::from_str_radix(parts.next()?, 16).ok()?;
        let integration = IntegrationId::from_key(parts.next()?).ok()?;
        Some((day, shard, integration, parts.next()?.parse().ok()?))
    }
}

/// `tallies`: counters of deliveries by day, shard, rule, receiver and retention. Watermarks and
/// days have the same format as in [`tallies`].
pub mod delivery_tallies {
    use gancho_domain::outbound::delivery_tally::Receiver;

    use super::{Day, EndpointId, IntegrationId, Key, RuleId, WorkspaceId, tallies};

    /// The partition of a workspace.
    pub fn partition(ws: WorkspaceId) -> String {
        format!("{}#deliveries", ws.key())
    }
    /// The counters of one rule and receiver on one day, in one shard and for one retention.
    pub fn row(
        ws: WorkspaceId,
        (day, shard): (Day, u8),
        (rule, receiver): (RuleId, Receiver),
        hours: u32,
    ) -> Key {
        let receiver = match receiver {
            Receiver::Endpoint(id) => format!("e{}", id.key()),
            Receiver::Integration(id) => format!("i{}", id.key()),
        };
        let sk = format!("{day}#{shard:02x}#{}#{receiver}#{hours:05}", rule.key());
        Key::new(partition(ws), sk)
    }
    /// The watermark of a day and shard: the time up to which the counters are complete.
    pub fn mark(ws: WorkspaceId, day: Day, shard: u8) -> Key {
        Key::new(partition(ws), format!("{}{}", of(day, shard), tallies::MARK))
    }
    /// The prefix of the sort keys of a day and shard.
    pub fn of(day: Day, shard: u8) -> String {
        format!("{day}#{shard:02x}#")
    }
    /// The parts of a sort key: day and shard, rule and receiver, hours of retention.
    pub type Parsed = ((Day, u8), (RuleId, Receiver), u32);

    /// Reads a sort key.
    pub fn parse(sk: &str) -> Option<Parsed> {
        let mut parts = sk.split('#');
        let day = Day::parse(parts.next()?)?;
        let shard = u8::from_str_radix(parts.next()?, 16).ok()?;
        let rule = RuleId::from_key(parts.next()?).ok()?;
        let (kind, id) = parts.next()?.split_at_checked(1)?;
        let receiver = match kind {
            "e" => Receiver::Endpoint(EndpointId::from_key(id).ok()?),
            "i" => Receiver::Integration(IntegrationId::from_key(id).ok()?),
            _ => return None,
        };
        Some(((day, shard), (rule, receiver), parts.next()?.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gancho_domain::outbound::delivery_tally::Receiver;
    use jiff::Timestamp;

    fn key() -> WebhookKey {
        let at: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        WebhookKey {
            workspace: WorkspaceId::new(at, &[1; 10]),
            origin: OriginId::new(at, &[2; 10]),
            webhook: WebhookId::in_shard(at, 5, &[3; 10]),
        }
    }

    #[test]
    fn every_key_begins_with_its_workspace() {
        let WebhookKey { workspace: ws, origin, webhook } = key();
        let integration = IntegrationId::new(webhook.made_at(), &[4; 10]);
        let job = JobId::new(webhook.made_at(), &[5; 10]);
        let all = [
            config::token(ws, "t").pk,
            history::webhook(&key()).pk,
            bodies::chunk(&key(), 0).pk,
            crm::email(ws, "a@b.c").pk,
            crm::contacts(ws, 0),
            coordination::claim(ws, integration, "x").pk,
            coordination::lease(ws, webhook).pk,
            coordination::idempotency(ws, "k").pk,
            coordination::job_dropped(ws, job, "").pk,
            tallies::job_runs(ws, job, "").pk,
            lookups::term(ws, origin, "email:a@b.c"),
            tallies::partition(ws, origin),
        ];
        for pk in all {
            assert!(pk.starts_with(&ws.key()), "{pk}");
        }
    }

    #[test]
    fn keys_of_people_begin_with_a_word_or_with_their_workspace() {
        let ws = key().workspace;
        let at = ws.made_at();
        let (person, id) = (PersonId::new(at, &[5; 10]), SessionId::new(at, &[6; 10]));
        let (api_key, token) = (KeyId::new(at, &[7; 10]), SessionTokenId::new(at, &[8; 10]));
        let subject = people::subject("https://a", "b");
        assert_ne!(subject, people::subject("https://", "ab"));
        let of_key = people::sessions_of_key(ws, api_key);
        let of_person = people::sessions_of_person(&subject);
        let table = [
            (people::person(&subject), format!("person#{subject}|person")),
            (people::membership(&subject, ws), format!("person#{subject}|member#{}", ws.key())),
            (people::member(ws, person), format!("{}|member#{}", ws.key(), person.key())),
            (people::session("00ff"), "session#00ff|session".to_owned()),
            (
                people::session_pointer(&of_key, id),
                format!("{}|key-session#{}#{}", ws.key(), api_key.key(), id.key()),
            ),
            (
                people::session_pointer(&of_person, id),
                format!("person#{subject}|session#{}", id.key()),
            ),
            (
                people::session_token(ws, token),
                format!("{}|session-token#{}", ws.key(), token.key()),
            ),
            (people::tries("192.0.2.1", 7), format!("tries#{}|7", sha256_hex(b"192.0.2.1"))),
        ];
        for (Key { pk, sk }, expected) in table {
            assert_eq!(format!("{pk}|{sk}"), expected);
        }
        let pointer = people::membership(&subject, ws);
        assert_eq!(people::parse_membership(&pointer.sk), Some(ws));
        assert_eq!(people::parse_membership("person"), None);
    }

    #[test]
    fn a_runs_row_lies_right_behind_its_webhook_and_is_read_back() {
        let webhook = history::webhook(&key());
        let run = history::run(&key(), 2);
        assert_eq!(run.pk, webhook.pk);
        assert_eq!(run.sk, format!("{}#r0002", webhook.sk));
        assert!(webhook.pk.ends_with("#20261121#05"));
        assert_eq!(history::parse(&webhook.pk, &webhook.sk), Some((key(), None)));
        assert_eq!(history::parse(&run.pk, &run.sk), Some((key(), Some(2))));
        assert_eq!(history::parse("x#y", &run.sk), None);
    }

    #[test]
    fn hi_15_what_a_stranger_names_cannot_climb_into_another_key() {
        let WebhookKey { workspace, origin, .. } = key();
        let term = lookups::term(workspace, origin, "key:a#b%");
        assert!(term.ends_with("#key:a#b%"));
        let integration = IntegrationId::new(Timestamp::UNIX_EPOCH, &[4; 10]);
        let one = coordination::claim(workspace, integration, "a#b");
        assert_ne!(one, coordination::claim(workspace, integration, "a"));
        assert!(!one.pk.contains("a#b"));
    }

    #[test]
    fn a_row_of_counters_of_deliveries_is_read_back() {
        let WebhookKey { workspace, webhook, .. } = key();
        let day = Day::of(webhook.made_at());
        let rule = RuleId::new(Timestamp::UNIX_EPOCH, &[4; 10]);
        let endpoint = EndpointId::new(Timestamp::UNIX_EPOCH, &[5; 10]);
        for receiver in [
            Receiver::Endpoint(endpoint),
            Receiver::Integration(IntegrationId::from_bytes(*endpoint.as_bytes())),
        ] {
            let row = delivery_tallies::row(workspace, (day, 3), (rule, receiver), 720);
            let read = delivery_tallies::parse(&row.sk);
            assert_eq!(read, Some(((day, 3), (rule, receiver), 720)));
            assert_eq!(tallies::parse_watermark(&row.sk), None);
            assert!(row.pk.starts_with(&workspace.key()));
            assert!(row.sk.starts_with("20261121#03#"));
        }
        let mark = delivery_tallies::mark(workspace, day, 3);
        assert_eq!(tallies::parse_watermark(&mark.sk), Some((day, 3)));
        assert_eq!(delivery_tallies::parse(&mark.sk), None);
    }

    #[test]
    fn a_tally_row_is_read_back() {
        let WebhookKey { workspace, origin, webhook } = key();
        let integration = IntegrationId::new(Timestamp::UNIX_EPOCH, &[4; 10]);
        let day = Day::of(webhook.made_at());
        let row = tallies::row(workspace, origin, (day, 5), integration, 3);
        assert_eq!(tallies::parse(&row.sk), Some((day, 5, integration, 3)));
        assert_eq!(tallies::parse_watermark(&row.sk), None);
        let mark = tallies::mark(workspace, origin, day, 5);
        assert_eq!(mark.sk, "20261121#05#mark");
        assert_eq!(tallies::parse_watermark(&mark.sk), Some((day, 5)));
        assert_eq!(tallies::parse(&mark.sk), None);
        let (first, last) = tallies::days(day, day);
        assert!(first < mark.sk && mark.sk < row.sk.replace("20261121", "20261122"));
        assert_eq!(last, "20261122");
    }
}
