//! Injected faults between the SDK and the services (CATALOGUE 2, layer P), and the record of
//! calls.
//!
//! A rule selects calls by operation, function and table, and defines the effect on the Nth of
//! them. Every attempt of the SDK counts as a call. Without rules and recording, calls are not
//! inspected.

mod call;
mod connector;
mod shapes;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::sync::watch;

pub use call::Call;
pub(crate) use connector::ClientFactory;
pub use shapes::AwsError;

/// The effect on a call.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    PreError(AwsError),
    LoseRequest,
    LoseReply,
    Truncate,
    Duplicate,
    Delay(Duration),
    HoldBefore(Arc<Gate>),
    HoldAfter(Arc<Gate>),
    Record(RecordedInstants),
    Stale(StaleReplies),
}

/// Faults and the record of calls. Clones share both.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    watching: AtomicBool,
    metering: AtomicBool,
    rules: Mutex<Vec<Armed>>,
    calls: Mutex<Option<Vec<Call>>>,
    refusals: Mutex<Vec<String>>,
}

#[derive(Debug)]
struct Armed {
    pattern: Pattern,
    effect: Effect,
    seen: u64,
}

#[derive(Debug, Clone)]
struct Pattern {
    operation: String,
    function: Option<String>,
    table: Option<String>,
    text: Option<String>,
    first: u64,
    times: u64,
}

impl Pattern {
    fn names(&self, call: &Call, body: &str) -> bool {
        (self.operation == "*" || self.operation == call.operation)
            && self.function.as_ref().is_none_or(|function| *function == call.function)
            && self.table.as_ref().is_none_or(|table| call.tables.contains(table))
            && self.text.as_ref().is_none_or(|text| body.contains(text.as_str()))
    }
}

impl Faults {
    /// A rule for calls of an operation (`PutItem`, `SendMessage`, `*`). It applies to the first
    /// one by default.
    pub fn on(&self, operation: &str) -> Rule {
        let pattern = Pattern {
            operation: operation.to_owned(),
            function: None,
            table: None,
            text: None,
            first: 1,
            times: 1,
        };
        Rule { faults: self.clone(), pattern }
    }

    /// Removes every rule and releases every call that is held.
    pub fn clear(&self) {
        for armed in lock(&self.0.rules).drain(..) {
            if let Effect::HoldBefore(gate) | Effect::HoldAfter(gate) = armed.effect {
                gate.open();
            }
        }
        self.look();
    }

    /// Begins a new record of calls.
    pub fn record(&self) {
        *lock(&self.0.calls) = Some(Vec::new());
        self.look();
    }

    /// Ends the record and forgets it.
    pub fn stop_recording(&self) {
        *lock(&self.0.calls) = None;
        self.look();
    }

    /// Requests the consumed capacity of every DynamoDB call, for the record.
    pub fn meter(&self, on: bool) {
        self.0.metering.store(on, Ordering::SeqCst);
    }

    /// The calls since the record began, in the order in which they were sent.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.0.calls).clone().unwrap_or_default()
    }

    /// The calls that the template's roles did not allow, since the host started.
    pub fn refusals(&self) -> Vec<String> {
        lock(&self.0.refusals).clone()
    }

    pub(crate) fn refuse(&self, function: &str, refused: &str) {
        lock(&self.0.refusals).push(format!("{function} is {refused}"));
    }

    fn arm(&self, pattern: Pattern, effect: Effect) {
        lock(&self.0.rules).push(Armed { pattern, effect, seen: 0 });
        self.look();
    }

    fn look(&self) {
        let recording = lock(&self.0.calls).is_some();
        let watching = recording || !lock(&self.0.rules).is_empty();
        self.0.watching.store(watching, Ordering::SeqCst);
    }

    pub(crate) fn watching(&self) -> bool {
        self.0.watching.load(Ordering::Relaxed)
    }

    pub(crate) fn metering(&self) -> bool {
        self.0.metering.load(Ordering::Relaxed)
    }

    /// Counts a call in every rule that matches it; returns the effects of the rules that apply to
    /// it.
    pub(crate) fn effects(&self, call: &Call, body: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for armed in lock(&self.0.rules).iter_mut() {
            if armed.pattern.names(call, body) {
                armed.seen += 1;
                let turn = armed.seen >= armed.pattern.first
                    && armed.seen - armed.pattern.first < armed.pattern.times;
                effects.extend(turn.then(|| armed.effect.clone()));
            }
        }
        effects
    }

    /// Records a call; returns its place in the record.
    pub(crate) fn append(&self, call: Call) -> usize {
        let mut calls = lock(&self.0.calls);
        calls.as_mut().map_or(usize::MAX, |calls| {
            calls.push(call);
            calls.len() - 1
        })
    }

    pub(crate) fn amend(&self, place: usize, amend: impl FnOnce(&mut Call)) {
        if let Some(call) = lock(&self.0.calls).as_mut().and_then(|calls| calls.get_mut(place)) {
            amend(call);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A rule that is being built: the calls, then the effect on them.
#[derive(Debug)]
#[must_use = "a rule does nothing until it says what happens"]
pub struct Rule {
    faults: Faults,
    pattern: Pattern,
}

impl Rule {
    /// Selects calls of one function.
    pub fn function(mut self, name: &str) -> Self {
        self.pattern.function = Some(name.to_owned());
        self
    }

    /// Selects calls that touch a table (`history`) or queue (`jobs`).
    pub fn table(mut self, name: &str) -> Self {
        self.pattern.table = Some(name.to_owned());
        self
    }

    /// Selects calls whose request contains this text.
    pub fn containing(mut self, text: &str) -> Self {
        self.pattern.text = Some(text.to_owned());
        self
    }

    /// Applies to the Nth such call, counted from 1.
    pub fn nth(mut self, n: u64) -> Self {
        self.pattern.first = n.max(1);
        self
    }

    /// Applies to that many calls in a row.
    pub fn times(mut self, times: u64) -> Self {
        self.pattern.times = times;
        self
    }

    /// Applies to every such call from then on.
    pub fn always(self) -> Self {
        self.times(u64::MAX)
    }

    /// The service returns an error and does nothing.
    pub fn pre_err(self, error: AwsError) {
        self.then(Effect::PreError(error));
    }

    /// The connection breaks before the service has the request.
    pub fn lose_request(self) {
        self.then(Effect::LoseRequest);
    }

    /// The service executes the call; the reply is lost.
    pub fn post_err(self) {
        self.then(Effect::LoseReply);
    }

    /// The service executes the call; half of the reply arrives.
    pub fn truncate(self) {
        self.then(Effect::Truncate);
    }

    /// The service gets the request twice; the second reply counts.
    pub fn duplicate(self) {
        self.then(Effect::Duplicate);
    }

    /// The request leaves later.
    pub fn delay(self, wait: Duration) {
        self.then(Effect::Delay(wait));
    }

    /// The call is held before it is sent.
    pub fn hold_before(self) -> Held {
        self.hold(Effect::HoldBefore)
    }

    /// The call is held after the service has executed it, before the caller has the reply.
    pub fn hold_after(self) -> Held {
        self.hold(Effect::HoldAfter)
    }

    /// A read that does not ask for strong consistency gets the reply that the same request got the
    /// first time, as from a replica that has not caught up.
    pub fn stale(self) {
        self.then(Effect::Stale(StaleReplies::default()));
    }

    /// Records the instant and the body of each call that the service executed.
    pub fn recorded(self) -> RecordedInstants {
        let instants = RecordedInstants::default();
        self.then(Effect::Record(instants.clone()));
        instants
    }

    fn hold(self, effect: fn(Arc<Gate>) -> Effect) -> Held {
        let gate = Arc::new(Gate::default());
        self.then(effect(Arc::clone(&gate)));
        Held(gate)
    }

    fn then(self, effect: Effect) {
        self.faults.arm(self.pattern, effect);
    }
}

/// Calls that the service executed.
#[derive(Debug, Clone, Default)]
pub struct RecordedInstants(Arc<Mutex<Vec<(Instant, String)>>>);

impl RecordedInstants {
    /// Each call's last instant before the service executed it, and its body.
    pub fn all(&self) -> Vec<(Instant, String)> {
        lock(&self.0).clone()
    }

    pub(crate) fn add(&self, at: Instant, body: &[u8]) {
        lock(&self.0).push((at, String::from_utf8_lossy(body).into_owned()));
    }
}

/// The first reply to each read that is eventually consistent, with its request.
#[derive(Debug, Clone, Default)]
pub(crate) struct StaleReplies(Arc<Mutex<Vec<FirstReply>>>);

/// The parameters of a request, and the body of its first reply.
type FirstReply = (Value, Vec<u8>);

impl StaleReplies {
    /// The reply to a request: the first one, unless the request is strongly consistent.
    pub(crate) fn first(&self, request: &[u8], reply: &[u8]) -> Vec<u8> {
        if String::from_utf8_lossy(request).contains(r#""ConsistentRead":true"#) {
            return reply.to_vec();
        }
        // Compared as a value: the SDK writes the attributes of a key in any order.
        let request = call::parameters(request);
        let mut replies = lock(&self.0);
        if let Some((_, first)) = replies.iter().find(|(known, _)| *known == request) {
            return first.clone();
        }
        replies.push((request, reply.to_vec()));
        reply.to_vec()
    }
}

/// A call that is, or will be, held.
#[derive(Debug, Clone)]
pub struct Held(Arc<Gate>);

impl Held {
    /// Returns when a call is held.
    pub async fn reached(&self) {
        _ = self.0.reached.subscribe().wait_for(|count| *count > 0).await;
    }

    /// `true` if a call has been held.
    pub fn is_reached(&self) -> bool {
        *self.0.reached.borrow() > 0
    }

    /// Releases it, and those that follow.
    pub fn release(&self) {
        self.0.open();
    }
}

/// A gate that holds calls until it is opened.
#[derive(Debug)]
pub(crate) struct Gate {
    reached: watch::Sender<u64>,
    open: watch::Sender<bool>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { reached: watch::channel(0).0, open: watch::channel(false).0 }
    }
}

impl Gate {
    pub(crate) async fn stand(&self) {
        self.reached.send_modify(|count| *count += 1);
        _ = self.open.subscribe().wait_for(|open| *open).await;
    }

    fn open(&self) {
        self.open.send_replace(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(operation: &str, table: &str) -> Call {
        Call {
            function: "ingest".to_owned(),
            operation: operation.to_owned(),
            tables: vec![table.to_owned()],
            ..Call::default()
        }
    }

    #[test]
    fn a_rule_strikes_the_nth_call_that_it_names() {
        let faults = Faults::default();
        faults.on("PutItem").table("history").nth(2).post_err();
        let struck =
            |operation: &str, table: &str| !faults.effects(&call(operation, table), "").is_empty();
        assert!(!struck("PutItem", "history"));
        assert!(!struck("PutItem", "crm"));
        assert!(!struck("GetItem", "history"));
        assert!(struck("PutItem", "history"));
        assert!(!struck("PutItem", "history"));
    }

    #[test]
    fn a_stale_read_is_the_first_one_unless_it_is_strongly_consistent() {
        let stale = StaleReplies::default();
        let strong: &[u8] = br#"{"Key":"a","ConsistentRead":true}"#;
        assert_eq!(stale.first(br#"{"pk":"a","sk":"b"}"#, b"old"), b"old");
        assert_eq!(stale.first(br#"{"sk":"b","pk":"a"}"#, b"new"), b"old");
        assert_eq!(stale.first(br#"{"pk":"a","sk":"c"}"#, b"new"), b"new");
        assert_eq!(
            (stale.first(strong, b"old"), stale.first(strong, b"new")),
            ("old".into(), "new".into())
        );
    }

    #[test]
    fn calls_are_not_inspected_without_rules_or_recording() {
        let faults = Faults::default();
        assert!(!faults.watching());
        faults.on("*").always().lose_request();
        assert!(faults.watching());
        faults.clear();
        assert!(!faults.watching());
    }
}
