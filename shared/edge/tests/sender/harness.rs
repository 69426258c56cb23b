//! A sender, a resolver with fixed answers, and a delivery to send.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use gancho_domain::{
    common::{
        ids::{EndpointId, EventId, RuleId, WorkspaceId},
        secret::{Rotating, Secret},
    },
    outbound::{
        delivery::{Delivery, Fault, Outcome, State, Trigger},
        endpoint::{Endpoint, Limits, Preset},
        event::{About, Event, EventCause, EventType},
        rule::{Body, Filter, Method, Rule, Target},
    },
};
use gancho_edge::{
    Settings,
    deps::Resolver,
    sender::{Answer, Message, Sender},
};
use jiff::Timestamp;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde_json::{Value, json};

use crate::hostile_servers::{HostileServer, NAME};

/// A resolver that returns a list of answers in turn, repeatedly.
pub(crate) struct Stub {
    answers: Vec<Vec<SocketAddr>>,
    lookups: AtomicUsize,
}

impl Stub {
    pub(crate) fn new(answers: Vec<Vec<SocketAddr>>) -> Arc<Self> {
        Arc::new(Self { answers, lookups: AtomicUsize::new(0) })
    }

    pub(crate) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}

impl Resolve for Stub {
    fn resolve(&self, _name: Name) -> Resolving {
        let turn = self.lookups.fetch_add(1, Ordering::SeqCst) % self.answers.len();
        let addresses: Addrs = Box::new(self.answers[turn].clone().into_iter());
        Box::pin(async { Ok(addresses) })
    }
}

pub(crate) fn settings() -> Settings {
    let vars = |name: &str| match name {
        "TABLE_CONFIG" => Some("config".to_owned()),
        "OWN_HOSTS" => Some("api.gancho.example".to_owned()),
        "EGRESS_EXEMPT_HOSTS" => Some(NAME.to_owned()),
        _ => None,
    };
    Settings::from_vars(vars).unwrap()
}

/// A sender that resolves the exempt name to this machine.
pub(crate) fn sender() -> Sender {
    let here = vec!["127.0.0.1:0".parse().unwrap()];
    Sender::new(&settings(), Some(Resolver(Stub::new(vec![here]))))
}

/// A sender with this resolver.
pub(crate) fn sender_by(resolver: Arc<Stub>) -> Sender {
    Sender::new(&settings(), Some(Resolver(resolver)))
}

pub(crate) fn now() -> Timestamp {
    "2026-11-21T13:00:00Z".parse().unwrap()
}

/// The inputs of a message.
pub(crate) struct Parcel {
    pub(crate) workspace: WorkspaceId,
    pub(crate) endpoint: Endpoint,
    pub(crate) rule: Rule,
    pub(crate) event: Event,
    pub(crate) delivery: Delivery,
    pub(crate) plain_http: bool,
}

impl Parcel {
    /// A `POST` to a URL that was not checked, as a stored row may hold.
    pub(crate) fn to(url: &str) -> Self {
        let at = now();
        let event = event(json!({"title": "Bolsa"}));
        let endpoint = Endpoint {
            id: EndpointId::new(at, &[3; 10]),
            name: "Loja".to_owned(),
            url: serde_json::from_value(json!(url)).unwrap(),
            secret: Rotating::new(Secret::generated([7; 32])),
            headers: Vec::new(),
            policy: Preset::RdStation.policy(),
            limits: Limits::default(),
            version: 1,
            created_at: at,
            updated_at: at,
        };
        let rule = rule(endpoint.id);
        let delivery = delivery(&event, &rule);
        let workspace = WorkspaceId::new(at, &[1; 10]);
        Self { workspace, endpoint, rule, event, delivery, plain_http: false }.within(500)
    }

    pub(crate) fn within(mut self, timeout_ms: u32) -> Self {
        self.endpoint.policy.timeout_ms = timeout_ms;
        self
    }

    pub(crate) fn method(mut self, method: Method) -> Self {
        self.rule.method = method;
        self
    }

    pub(crate) fn data(mut self, data: Value) -> Self {
        self.event.data = data;
        self
    }

    pub(crate) fn message(&self) -> Message<'_> {
        Message {
            workspace: self.workspace,
            plain_http: self.plain_http,
            endpoint: &self.endpoint,
            rule: &self.rule,
            event: &self.event,
            delivery: &self.delivery,
        }
    }

    pub(crate) async fn send(&self, sender: &Sender) -> Answer {
        sender.deliver(&self.message(), now()).await
    }
}

/// Sends to a hostile server and returns the result.
pub(crate) async fn sent_to(hostile: &HostileServer) -> Answer {
    Parcel::to(&hostile.url("/hook")).send(&sender()).await
}

pub(crate) fn fault(fault: Fault) -> Outcome {
    Outcome::Fault(fault)
}

fn event(data: Value) -> Event {
    Event {
        id: EventId::new(now(), &[1; 10]),
        types: vec![EventType::parse("order.dispatched").unwrap()],
        subject: "P-1042".to_owned(),
        subject_status: None,
        occurred_at: now(),
        about: About::default(),
        data,
        cause: EventCause::Producer,
        hops: 0,
        expires_at: Timestamp::MAX,
    }
}

fn rule(endpoint: EndpointId) -> Rule {
    Rule {
        id: RuleId::new(now(), &[2; 10]),
        name: "Pedidos".to_owned(),
        active: true,
        filter: Filter::default(),
        target: Target::Endpoint(endpoint),
        method: Method::Post,
        body: Body::Standard,
        version: 1,
        created_at: now(),
        updated_at: now(),
        by: None,
    }
}

fn delivery(event: &Event, rule: &Rule) -> Delivery {
    Delivery {
        id: Delivery::id_for(event.id, rule.id),
        event: event.id,
        event_type: event.types[0].clone(),
        subject: event.subject.clone(),
        subject_status: None,
        rule: rule.id,
        rule_version: 1,
        target: rule.target,
        trigger: Trigger::Event,
        by: None,
        slot: None,
        state: State::Queued,
        attempts: Vec::new(),
        redrives: 0,
        hops: 0,
        expires_at: Timestamp::MAX,
    }
}
