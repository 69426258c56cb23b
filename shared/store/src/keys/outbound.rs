//! The keys of outbound data: events, deliveries, and the rows of `coordination` that sending uses.

use gancho_domain::{
    common::{
        calendar::Day,
        ids::{DeliveryId, EndpointId, EventId, NoticeId, WorkspaceId},
    },
    outbound::gate::GateKey,
};
use jiff::Timestamp;

use super::{Key, sha256_hex};

/// `events`: events by subject, oldest first.
pub mod events {
    use super::{EventId, Key, WorkspaceId};

    /// The partition of a subject: text from outside, so it is the last part.
    pub fn partition(ws: WorkspaceId, subject: &str) -> String {
        format!("{}#{subject}", ws.key())
    }
    /// An event.
    pub fn event(ws: WorkspaceId, subject: &str, id: EventId) -> Key {
        Key::new(partition(ws, subject), id.key())
    }
    /// Reads a row's key: its tenant, its subject and its id.
    pub fn parse(pk: &str, sk: &str) -> Option<(WorkspaceId, String, EventId)> {
        let (ws, subject) = pk.split_once('#')?;
        let workspace = WorkspaceId::from_key(ws).ok()?;
        Some((workspace, subject.to_owned(), EventId::from_key(sk).ok()?))
    }
}

/// `deliveries`: deliveries by the day and shard in their ids.
pub mod deliveries {
    use super::{Day, DeliveryId, Key, WorkspaceId};

    /// The partition of a day and shard.
    pub fn partition(ws: WorkspaceId, day: Day, shard: u8) -> String {
        format!("{}#{day}#{shard:02x}", ws.key())
    }
    /// A delivery.
    pub fn delivery(ws: WorkspaceId, id: DeliveryId) -> Key {
        Key::new(partition(ws, Day::of(id.made_at()), id.shard()), id.key())
    }
    /// Reads a row's key: its tenant and its id.
    pub fn parse(pk: &str, sk: &str) -> Option<(WorkspaceId, DeliveryId)> {
        let workspace = WorkspaceId::from_key(pk.split('#').next()?).ok()?;
        Some((workspace, DeliveryId::from_key(sk).ok()?))
    }
}

/// `coordination`: the lanes of an endpoint. A lane's rows are sorted by their places.
pub mod lanes {
    use super::{EndpointId, Key, WorkspaceId};

    /// The partition of a lane.
    pub fn partition(ws: WorkspaceId, endpoint: EndpointId, lane: u16) -> String {
        format!("{}#lane#{}#{lane:05}", ws.key(), endpoint.key())
    }
    /// The number of places given out in a lane.
    pub fn head(ws: WorkspaceId, endpoint: EndpointId, lane: u16) -> Key {
        Key::new(partition(ws, endpoint, lane), "head")
    }
    /// The lease of the worker of a lane. It is separate from the head, so that new deliveries do
    /// not conflict with it.
    pub fn lease(ws: WorkspaceId, endpoint: EndpointId, lane: u16) -> Key {
        Key::new(partition(ws, endpoint, lane), "lease")
    }
    /// A place of a lane.
    pub fn place(ws: WorkspaceId, endpoint: EndpointId, lane: u16, seq: u64) -> Key {
        Key::new(partition(ws, endpoint, lane), seq_text(seq))
    }
    /// The sort keys of every place after one, the first and the last.
    pub fn after(seq: u64) -> (String, String) {
        (seq_text(seq.saturating_add(1)), seq_text(u64::MAX))
    }
    fn seq_text(seq: u64) -> String {
        format!("{seq:020}")
    }
}

/// `coordination`: gates, and the failures that close them.
pub mod gates {
    use super::{EndpointId, GateKey, Key, WorkspaceId};

    const ENDPOINT: &str = "endpoint#";
    const URL: &str = "url#";
    const WORKSPACE: &str = "workspace";

    /// A gate.
    pub fn gate(ws: WorkspaceId, key: &GateKey) -> Key {
        Key::new(format!("{}#gate#{}", ws.key(), name(key)), "gate")
    }
    /// The partition of a workspace's health rows.
    pub fn healths(ws: WorkspaceId) -> String {
        format!("{}#health", ws.key())
    }
    /// The recorded failures that can close a gate.
    pub fn health(ws: WorkspaceId, key: &GateKey) -> Key {
        Key::new(healths(ws), name(key))
    }
    /// The name of a gate in keys.
    pub fn name(key: &GateKey) -> String {
        match key {
            GateKey::Endpoint(id) => format!("{ENDPOINT}{}", id.key()),
            GateKey::Url(fingerprint) => format!("{URL}{fingerprint}"),
            GateKey::Workspace => WORKSPACE.to_owned(),
        }
    }
    /// Reads the gate that a health row's sort key names.
    pub fn parse(sk: &str) -> Option<GateKey> {
        if let Some(id) = sk.strip_prefix(ENDPOINT) {
            return EndpointId::from_key(id).ok().map(GateKey::Endpoint);
        }
        match sk.strip_prefix(URL) {
            Some(fingerprint) => Some(GateKey::Url(fingerprint.to_owned())),
            None => (sk == WORKSPACE).then_some(GateKey::Workspace),
        }
    }
}

/// `coordination`: held deliveries by endpoint, oldest first.
pub mod held {
    use super::{DeliveryId, EndpointId, Key, WorkspaceId};

    /// The partition of an endpoint.
    pub fn partition(ws: WorkspaceId, endpoint: EndpointId) -> String {
        format!("{}#held#{}", ws.key(), endpoint.key())
    }
    /// A held delivery.
    pub fn delivery(ws: WorkspaceId, endpoint: EndpointId, id: DeliveryId) -> Key {
        Key::new(partition(ws, endpoint), id.key())
    }
}

/// `coordination`: entries of all workspaces, to be enqueued at a time beyond the delay of a queue.
pub mod parked {
    use super::{Key, Timestamp, WorkspaceId, sha256_hex};

    /// The number of partitions over which the entries of an hour are spread.
    pub const SHARDS: u8 = 4;
    /// The beginning of every partition key.
    pub const PARKED: &str = "parked#";

    /// The number of an hour, since 1970.
    pub fn hour(at: Timestamp) -> i64 {
        at.as_second().max(0) / 3_600
    }
    /// The row that names the hours to read.
    pub fn hours() -> Key {
        Key::new("parked".to_owned(), "hours")
    }
    /// A partition.
    pub fn partition(hour: i64, shard: u8) -> String {
        format!("{PARKED}{hour:07}#{shard:02x}")
    }
    /// The hour of a partition.
    pub fn hour_of(pk: &str) -> Option<i64> {
        pk.strip_prefix(PARKED)?.split_once('#')?.0.parse().ok()
    }
    /// An entry. The same thing parked again for the same time and hour has the same key.
    pub fn entry(ws: WorkspaceId, due: Timestamp, hour: i64, what: &str) -> Key {
        let named = format!("{}#{what}", ws.key());
        let shard = sha256_hex(named.as_bytes()).bytes().next().unwrap_or(0) % SHARDS;
        let millis = due.as_millisecond().max(0);
        let sk = format!("{}#{}#{millis:013}#{what}", minute_text(due), ws.key());
        Key::new(partition(hour, shard), sk)
    }
    /// The name of an entry: its kind, and the ids and numbers that distinguish it from others.
    pub fn name(parts: &[&str]) -> String {
        parts.join("#")
    }
    /// Sorts above every entry that is due by the end of the minute of `until`, below every other.
    pub fn end_of_minute(until: Timestamp) -> String {
        // `~` sorts above everything that an id begins with.
        format!("{}#~", minute_text(until))
    }
    /// Sorts above every entry of the same minute and workspace as this sort key, below every
    /// other.
    pub fn end_of_tenant(sk: &str) -> String {
        let mut parts = sk.splitn(3, '#');
        let (minute, ws) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        format!("{minute}#{ws}#~")
    }
    /// Reads the tenant of an entry and the time at which it is due.
    pub fn parse(sk: &str) -> Option<(WorkspaceId, Timestamp)> {
        let mut parts = sk.splitn(4, '#').skip(1);
        let workspace = WorkspaceId::from_key(parts.next()?).ok()?;
        let due = Timestamp::from_millisecond(parts.next()?.parse().ok()?).ok()?;
        Some((workspace, due))
    }
    fn minute_text(at: Timestamp) -> String {
        format!("{:09}", at.as_second().max(0) / 60)
    }
}

/// `coordination`: notices to people.
pub mod notices {
    use super::{Key, NoticeId, WorkspaceId};

    /// The partition of a workspace.
    pub fn partition(ws: WorkspaceId) -> String {
        format!("{}#notices", ws.key())
    }
    /// A notice.
    pub fn notice(ws: WorkspaceId, id: NoticeId) -> Key {
        Key::new(partition(ws), id.key())
    }
    /// The partition of the notices of all workspaces that are not published yet.
    pub const UNSENT: &str = "unsent";
    /// The beginning of the markers of a workspace.
    pub fn unsent_of(ws: WorkspaceId) -> String {
        format!("{}#", ws.key())
    }
    /// The marker of a notice that is not published yet.
    pub fn unsent(ws: WorkspaceId, id: NoticeId) -> Key {
        Key::new(UNSENT.to_owned(), format!("{}{}", unsent_of(ws), id.key()))
    }
    /// Reads a marker's sort key: its tenant and its notice.
    pub fn parse_unsent(sk: &str) -> Option<(WorkspaceId, NoticeId)> {
        let (ws, id) = sk.split_once('#')?;
        Some((WorkspaceId::from_key(ws).ok()?, NoticeId::from_key(id).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{config, coordination, lookups};
    use gancho_domain::common::ids::{DealId, OriginId, RuleId};
    use proptest::prelude::*;

    fn at() -> Timestamp {
        "2026-11-21T23:59:59.999Z".parse().unwrap()
    }

    fn ws() -> WorkspaceId {
        WorkspaceId::new(at(), &[1; 10])
    }

    fn endpoint() -> EndpointId {
        EndpointId::new(at(), &[2; 10])
    }

    fn delivery() -> DeliveryId {
        DeliveryId::new(at(), &[6; 10])
    }

    #[test]
    fn every_key_begins_with_its_workspace() {
        let gate = GateKey::Url("ab".to_owned());
        let rule = RuleId::new(at(), &[3; 10]);
        let all = [
            events::partition(ws(), "#"),
            deliveries::delivery(ws(), delivery()).pk,
            lanes::head(ws(), endpoint(), 0).pk,
            gates::gate(ws(), &gate).pk,
            gates::health(ws(), &gate).pk,
            held::partition(ws(), endpoint()),
            notices::notice(ws(), NoticeId::new(at(), &[4; 10])).pk,
            config::endpoint(ws(), endpoint()).pk,
            config::rule_version(ws(), rule, 1).pk,
            lookups::subject(ws(), "#"),
        ];
        for pk in all {
            assert!(pk == ws().key() || pk.starts_with(&format!("{}#", ws().key())), "{pk}");
        }
    }

    #[test]
    fn a_delivery_lies_in_the_day_and_shard_that_its_id_says_and_is_read_back() {
        let key = deliveries::delivery(ws(), delivery());
        assert_eq!(key.pk, format!("{}#20261121#02", ws().key()));
        assert_eq!(key.sk, delivery().key());
        assert_eq!(deliveries::parse(&key.pk, &key.sk), Some((ws(), delivery())));
        assert_eq!(deliveries::parse("x#y", &key.sk), None);
        assert_eq!(deliveries::parse(&key.pk, "x"), None);
    }

    #[test]
    fn places_of_a_lane_lie_in_their_order_and_head_and_lease_behind_them() {
        let place = |seq| lanes::place(ws(), endpoint(), 7, seq);
        assert_eq!(place(12).pk, format!("{}#lane#{}#00007", ws().key(), endpoint().key()));
        assert_eq!(place(12).sk, "00000000000000000012");
        assert!(place(9).sk < place(10).sk && place(10).sk < place(u64::MAX).sk);
        let (first, last) = lanes::after(9);
        assert_eq!((first, last.clone()), (place(10).sk, place(u64::MAX).sk));
        assert!(last < lanes::head(ws(), endpoint(), 7).sk);
        assert!(last < lanes::lease(ws(), endpoint(), 7).sk);
    }

    #[test]
    fn gates_of_one_kind_are_not_gates_of_another_and_are_read_back() {
        let all = [
            (GateKey::Endpoint(endpoint()), format!("endpoint#{}", endpoint().key())),
            (GateKey::Url("00ff".to_owned()), "url#00ff".to_owned()),
            (GateKey::Workspace, "workspace".to_owned()),
        ];
        for (gate, text) in all {
            assert_eq!(gates::gate(ws(), &gate).pk, format!("{}#gate#{text}", ws().key()));
            let health = gates::health(ws(), &gate);
            assert_eq!((health.pk, health.sk.clone()), (format!("{}#health", ws().key()), text));
            assert_eq!(gates::parse(&health.sk), Some(gate));
        }
        assert_eq!(gates::parse("endpoint#x"), None);
        assert_eq!(gates::parse("gate"), None);
    }

    #[test]
    fn held_deliveries_lie_in_the_order_of_their_creation() {
        let key = held::delivery(ws(), endpoint(), delivery());
        assert_eq!(key.pk, format!("{}#held#{}", ws().key(), endpoint().key()));
        assert_eq!(key.sk, delivery().key());
    }

    #[test]
    fn parked_entries_of_all_workspaces_lie_by_hour_then_minute_then_workspace() {
        let at = |text: &str| format!("2026-11-21T{text}Z").parse::<Timestamp>().unwrap();
        let (first, second) = (WorkspaceId::new(at("00:00:00"), &[1; 10]), ws());
        let entry = |ws, due: &str| {
            let due = at(due);
            parked::entry(ws, due, parked::hour(due), &parked::name(&["lane", "a", "1"]))
        };
        let one = entry(first, "10:31:02.003");
        assert_eq!(one.pk.len(), "parked#0498682#00".len());
        assert!(one.pk.starts_with(&format!("parked#{:07}#0", 498_682)), "{}", one.pk);
        assert_eq!(one.sk, format!("029920951#{}#1795257062003#lane#a#1", first.key()));
        assert_eq!(parked::parse(&one.sk), Some((first, at("10:31:02.003"))));
        assert_eq!(parked::hour_of(&one.pk), Some(parked::hour(at("10:00:00"))));
        let sorted = [one.sk.clone(), entry(first, "10:31:59").sk, parked::end_of_tenant(&one.sk)];
        let next = [entry(second, "10:31:00").sk, parked::end_of_minute(at("10:31:30"))];
        let all: Vec<String> =
            sorted.into_iter().chain(next).chain([entry(first, "10:32:00").sk]).collect();
        assert!(all.is_sorted(), "{all:#?}");
        assert_eq!(entry(first, "10:59:00").pk, one.pk, "one shard for a thing");
        assert_ne!(entry(first, "11:00:00").pk, one.pk);
        assert_eq!(parked::hour_of(&parked::hours().pk), None);
        assert_eq!(parked::parse("0000#deliver"), None);
        let before = Timestamp::from_millisecond(-5).unwrap();
        assert!(parked::entry(first, before, 0, "x").sk.starts_with("000000000#"));
    }

    #[test]
    fn notices_and_what_is_unsent_lie_apart() {
        let id = NoticeId::new(at(), &[4; 10]);
        let mark = notices::unsent(ws(), id);
        assert_eq!(notices::notice(ws(), id).pk, format!("{}#notices", ws().key()));
        assert_eq!(
            (mark.pk.as_str(), &mark.sk),
            ("unsent", &format!("{}#{}", ws().key(), id.key()))
        );
        assert_eq!(notices::notice(ws(), id).sk, id.key());
        assert_eq!(notices::parse_unsent(&mark.sk), Some((ws(), id)));
        assert!(mark.sk.starts_with(&notices::unsent_of(ws())));
        assert_eq!(notices::parse_unsent(&id.key()), None);
    }

    /// Ids have no `#` and begin with no word, so these cannot be the partition of a workspace.
    #[test]
    fn te_02_what_lies_over_all_workspaces_is_no_workspaces_partition() {
        let sweep = coordination::sweep().pk;
        let all = [parked::partition(1, 0), parked::hours().pk, notices::UNSENT.to_owned(), sweep];
        for pk in all {
            let first = pk.split('#').next().unwrap();
            assert!(WorkspaceId::from_key(first).is_err(), "{pk}");
            assert!(crate::keys::OVER_ALL.contains(&first), "{pk}");
        }
    }

    #[test]
    fn endpoints_rules_and_what_is_left_of_them_lie_apart() {
        let rule = RuleId::new(at(), &[3; 10]);
        assert_eq!(config::endpoint(ws(), endpoint()).sk, format!("endpoint#{}", endpoint().key()));
        assert_eq!(config::rule(ws(), rule).sk, format!("rule#{}", rule.key()));
        let version = config::rule_version(ws(), rule, 12).sk;
        assert_eq!(version, format!("rule-version#{}#0000000012", rule.key()));
        assert!(!version.starts_with(config::RULES));
        let gone =
            [config::deleted_endpoint(ws(), endpoint()).sk, config::deleted_rule(ws(), rule).sk];
        assert_eq!(gone[0], format!("gone-endpoint#{}", endpoint().key()));
        assert_eq!(gone[1], format!("gone-rule#{}", rule.key()));
        for sk in gone {
            for list in [config::ENDPOINTS, config::RULES, config::DELETED_INTEGRATION] {
                assert!(!sk.starts_with(list), "{sk} would be listed under {list}");
            }
        }
    }

    /// Subjects that a sender may use, often difficult ones.
    fn subject() -> impl Strategy<Value = String> {
        prop_oneof![
            "[#/.%a0é漢🪝]{1,8}",
            "\\PC{1,256}",
            Just("é".repeat(256)),
            Just("#".repeat(256)),
            Just("../..".to_owned()),
            Just(format!(
                "{}#20261121#00",
                WorkspaceId::new(Timestamp::UNIX_EPOCH, &[9; 10]).key()
            )),
        ]
    }

    proptest! {
        #[test]
        fn te_02_no_subject_climbs_into_another_key(
            one in subject(), other in subject(), a: [u8; 10], b: [u8; 10],
        ) {
            let (first, second) = (WorkspaceId::new(at(), &a), WorkspaceId::new(at(), &b));
            let id = EventId::new(at(), &[5; 10]);
            let key = events::event(first, &one, id);
            prop_assert_eq!(events::parse(&key.pk, &key.sk), Some((first, one.clone(), id)));
            prop_assert!(key.pk.len() <= 2_048, "DynamoDB takes no longer partition key");
            let same = (first, &one) == (second, &other);
            prop_assert_eq!(key.pk == events::partition(second, &other), same);
            let found = lookups::subject(first, &one);
            prop_assert_eq!(found == lookups::subject(second, &other), same);
            // Lookups of other kinds have an id in the place of this word.
            let origin = OriginId::new(at(), &b);
            prop_assert_ne!(&found, &lookups::term(first, origin, &other));
            prop_assert_ne!(&found, &lookups::deal(first, DealId::new(at(), &b)));
        }
    }
}
