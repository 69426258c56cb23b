//! SNS's query protocol: a form in, XML out. Published messages are kept in a mailbox instead of
//! being sent. An e-mail address is subscribed once it is confirmed: the mailbox has a message with the
//! path that confirms it.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use jiff::Timestamp;
use serde::Serialize;
use tokio::runtime::Handle;

use crate::emulator::{arns, clock::HostClock, error::HostError, lambda::request_id};

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
/// SNS's limit on a message.
const LONGEST: usize = 262_144;
/// The limit on a subject, in characters (exclusive).
const LONGEST_SUBJECT: usize = 100;

/// A message that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// `notices`.
    pub topic: String,
    /// Its id.
    pub id: String,
    /// The time of publication.
    pub at: Timestamp,
    /// The subject, where there is one.
    pub subject: Option<String>,
    /// The text.
    pub message: String,
    /// The attributes that subscribers filter by.
    pub attributes: BTreeMap<String, String>,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Subscription {
    arn: String,
    topic: String,
    protocol: String,
    endpoint: String,
    attributes: BTreeMap<String, String>,
    /// False until its address is confirmed.
    confirmed: bool,
}

/// The ARN of a subscription that is not confirmed, as lists and responses show it.
const PENDING: [&str; 2] = ["PendingConfirmation", "pending confirmation"];
/// The path of the host that confirms a subscription.
pub(crate) const CONFIRM: &str = "/_local/mailbox/confirm/";

/// The topics and their published messages. Clones share them.
#[derive(Debug, Clone)]
pub struct Mailbox {
    topics: Arc<BTreeSet<String>>,
    clock: HostClock,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    mails: Vec<Mail>,
    subscriptions: Vec<Subscription>,
}

/// An error as SNS returns it: a status, a code, a message.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SnsError(u16, &'static str, String);

type Form = BTreeMap<String, String>;

impl Mailbox {
    /// Topics by their ARNs.
    pub(crate) fn new(topics: BTreeSet<String>, clock: HostClock) -> Self {
        Self { topics: Arc::new(topics), clock, kept: Arc::default() }
    }

    /// Every published message, oldest first.
    pub fn all(&self) -> Vec<Mail> {
        self.kept().mails.clone()
    }

    /// Removes the published messages.
    pub fn clear(&self) {
        self.kept().mails.clear();
    }

    /// The subscriptions by address, with their attributes.
    pub fn subscribers(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let kept = self.kept();
        let each = kept.subscriptions.iter();
        each.map(|one| (one.endpoint.clone(), one.attributes.clone())).collect()
    }

    /// Confirms the subscription with this token (the last part of its ARN) or address. False if
    /// there is none.
    pub fn confirm(&self, of: &str) -> bool {
        let mut kept = self.kept();
        let is =
            |one: &&mut Subscription| one.endpoint == of || one.arn.rsplit(':').next() == Some(of);
        kept.subscriptions.iter_mut().find(is).map(|one| one.confirmed = true).is_some()
    }

    /// Serves the topics; returns the address.
    pub(crate) fn serve(&self, services: &Handle) -> Result<SocketAddr, HostError> {
        let what = "a port for the topics";
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(HostError::io(what))?;
        let address = listener.local_addr().map_err(HostError::io(what))?;
        let _context = services.enter();
        let listener = tokio::net::TcpListener::from_std(listener).map_err(HostError::io(what))?;
        let router = Router::new().route("/", post(answer)).with_state(self.clone());
        services.spawn(async move {
            _ = axum::serve(listener, router).await;
        });
        Ok(address)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn topic<'f>(&self, form: &'f Form) -> Result<&'f str, SnsError> {
        let arn = text(form, "TopicArn");
        let unknown = || SnsError(404, "NotFound", "Topic does not exist".to_owned());
        self.topics.contains(arn).then_some(arn).ok_or_else(unknown)
    }

    fn act(&self, form: &Form) -> Result<String, SnsError> {
        match text(form, "Action") {
            "Publish" => self.publish(form),
            "Subscribe" => self.subscribe(form),
            "Unsubscribe" => {
                let arn = text(form, "SubscriptionArn");
                self.kept().subscriptions.retain(|one| one.arn != arn);
                Ok(String::new())
            }
            "ListSubscriptionsByTopic" => self.list(form),
            "GetSubscriptionAttributes" => self.attributes(form),
            "SetSubscriptionAttributes" => self.set_attribute(form),
            other => Err(SnsError(400, "InvalidAction", format!("{other} is not served here"))),
        }
    }

    fn publish(&self, form: &Form) -> Result<String, SnsError> {
        let topic = self.topic(form)?;
        let (message, subject) = (text(form, "Message"), form.get("Subject"));
        if message.is_empty() || message.len() > LONGEST {
            return Err(invalid("Invalid parameter: Message"));
        }
        if subject.is_some_and(|subject| !is_subject(subject)) {
            return Err(invalid("Invalid parameter: Subject"));
        }
        let mail = Mail {
            topic: arns::short_queue(topic).to_owned(),
            id: request_id(),
            at: self.clock.now(),
            subject: subject.cloned(),
            message: message.to_owned(),
            attributes: attributes(form),
        };
        let id = mail.id.clone();
        self.kept().mails.push(mail);
        Ok(format!("<MessageId>{id}</MessageId>"))
    }

    fn subscribe(&self, form: &Form) -> Result<String, SnsError> {
        let topic = self.topic(form)?.to_owned();
        let (protocol, endpoint) = (text(form, "Protocol"), text(form, "Endpoint"));
        if protocol.is_empty() || endpoint.is_empty() {
            return Err(invalid("Invalid parameter: Endpoint"));
        }
        let given = entries(form, "Attributes", ["key", "value"]);
        let mut kept = self.kept();
        let same = |one: &&Subscription| {
            one.topic == topic && one.protocol == protocol && one.endpoint == endpoint
        };
        let known = kept.subscriptions.iter().find(same).cloned();
        if known.as_ref().is_some_and(|it| !given.is_empty() && it.attributes != given) {
            let words = "Invalid parameter: Attributes Reason: Subscription already exists with different attributes";
            return Err(invalid(words));
        }
        let new = known.is_none();
        let one = known.unwrap_or_else(|| Subscription {
            arn: format!("{topic}:{}", request_id()),
            confirmed: protocol != "email",
            topic,
            protocol: protocol.to_owned(),
            endpoint: endpoint.to_owned(),
            attributes: given,
        });
        if !one.confirmed {
            kept.mails.push(self.invitation(&one));
        }
        let arn = if one.confirmed { one.arn.clone() } else { PENDING[1].to_owned() };
        if new {
            kept.subscriptions.push(one);
        }
        Ok(format!("<SubscriptionArn>{arn}</SubscriptionArn>"))
    }

    /// The message that asks an address to confirm.
    fn invitation(&self, one: &Subscription) -> Mail {
        let token = one.arn.rsplit(':').next().unwrap_or_default();
        Mail {
            topic: arns::short_queue(&one.topic).to_owned(),
            id: request_id(),
            at: self.clock.now(),
            subject: Some("AWS Notification - Subscription Confirmation".to_owned()),
            message: format!("{} confirms by {CONFIRM}{token}", one.endpoint),
            attributes: BTreeMap::new(),
        }
    }

    fn attributes(&self, form: &Form) -> Result<String, SnsError> {
        let kept = self.kept();
        let one = kept.subscriptions.iter().find(|one| one.arn == text(form, "SubscriptionArn"));
        let one = one.ok_or_else(no_subscription)?;
        let entry = |(key, value): (&String, &String)| {
            format!("<entry><key>{key}</key><value>{}</value></entry>", escape(value))
        };
        let entries: String = one.attributes.iter().map(entry).collect();
        Ok(format!("<Attributes>{entries}</Attributes>"))
    }

    fn set_attribute(&self, form: &Form) -> Result<String, SnsError> {
        let mut kept = self.kept();
        let arn = text(form, "SubscriptionArn");
        let one = kept.subscriptions.iter_mut().find(|one| one.arn == arn);
        let (name, value) = (text(form, "AttributeName"), text(form, "AttributeValue"));
        let attributes = &mut one.ok_or_else(no_subscription)?.attributes;
        attributes.insert(name.to_owned(), value.to_owned());
        Ok(String::new())
    }

    fn list(&self, form: &Form) -> Result<String, SnsError> {
        let topic = self.topic(form)?;
        let kept = self.kept();
        let members = kept.subscriptions.iter().filter(|one| one.topic == topic).map(|one| {
            format!(
                "<member><SubscriptionArn>{}</SubscriptionArn><Owner>{}</Owner>\
                 <Protocol>{}</Protocol><Endpoint>{}</Endpoint><TopicArn>{}</TopicArn></member>",
                if one.confirmed { one.arn.as_str() } else { PENDING[0] },
                arns::ACCOUNT,
                escape(&one.protocol),
                escape(&one.endpoint),
                one.topic
            )
        });
        Ok(format!("<Subscriptions>{}</Subscriptions>", members.collect::<String>()))
    }
}

fn is_subject(subject: &str) -> bool {
    let length = subject.chars().count();
    (1..LONGEST_SUBJECT).contains(&length) && !subject.chars().any(char::is_control)
}

/// `MessageAttributes.entry.N.Name` with `.Value.StringValue`.
fn attributes(form: &Form) -> BTreeMap<String, String> {
    entries(form, "MessageAttributes", ["Name", "Value.StringValue"])
}

/// `<name>.entry.N.<key>` with `<name>.entry.N.<value>`.
fn entries(form: &Form, name: &str, [key, value]: [&str; 2]) -> BTreeMap<String, String> {
    let entry = |number: usize| {
        let field = |rest: &str| form.get(&format!("{name}.entry.{number}.{rest}"));
        Some((field(key)?.clone(), field(value).cloned().unwrap_or_default()))
    };
    (1..).map_while(entry).collect()
}

fn no_subscription() -> SnsError {
    SnsError(404, "NotFound", "Subscription does not exist".to_owned())
}

fn text<'f>(form: &'f Form, name: &str) -> &'f str {
    form.get(name).map_or("", String::as_str)
}

fn invalid(words: &str) -> SnsError {
    SnsError(400, "InvalidParameter", words.to_owned())
}

async fn answer(State(mailbox): State<Mailbox>, body: Bytes) -> Response {
    let form: Form = url::form_urlencoded::parse(&body).into_owned().collect();
    let (status, body) = match mailbox.act(&form) {
        Ok(result) => (200, success(text(&form, "Action"), &result)),
        Err(SnsError(status, code, words)) => (status, failure(status, code, &words)),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "text/xml")], body).into_response()
}

fn success(action: &str, result: &str) -> String {
    let id = request_id();
    format!(
        "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"
    )
}

/// The body of an error.
pub(crate) fn failure(status: u16, code: &str, words: &str) -> String {
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type><Code>{code}</Code>\
         <Message>{}</Message></Error><RequestId>{}</RequestId></ErrorResponse>",
        escape(words),
        request_id()
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use gancho_edge::clock::{Clock, ManualClock};

    use super::*;

    const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:gancho-notices";

    fn mailbox() -> Mailbox {
        let clock = Clock::Manual(ManualClock::new(Timestamp::UNIX_EPOCH));
        let clock = HostClock::new(clock, &Handle::current());
        Mailbox::new([TOPIC.to_owned()].into(), clock)
    }

    fn form(fields: &[(&str, &str)]) -> Form {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[tokio::test]
    async fn a_published_message_is_in_the_mailbox_with_its_attributes() {
        let mailbox = mailbox();
        let published = form(&[
            ("Action", "Publish"),
            ("TopicArn", TOPIC),
            ("Subject", "Suspenso: ERP"),
            ("Message", "31 erros"),
            ("MessageAttributes.entry.1.Name", "kind"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", "suspended"),
        ]);
        assert!(mailbox.act(&published).unwrap().starts_with("<MessageId>"));
        let mail = mailbox.all().remove(0);
        assert_eq!((mail.topic.as_str(), mail.message.as_str()), ("notices", "31 erros"));
        assert_eq!(mail.subject.as_deref(), Some("Suspenso: ERP"));
        assert_eq!(mail.attributes["kind"], "suspended");
        mailbox.clear();
        assert_eq!(mailbox.all(), []);
    }

    #[tokio::test]
    async fn requests_that_sns_refuses_are_refused() {
        let mailbox = mailbox();
        let long = "x".repeat(LONGEST_SUBJECT);
        for (topic, subject, message, code) in [
            ("arn:aws:sns:us-east-1:000000000000:other", "s", "m", "NotFound"),
            (TOPIC, "two\nlines", "m", "InvalidParameter"),
            (TOPIC, long.as_str(), "m", "InvalidParameter"),
            (TOPIC, "s", "", "InvalidParameter"),
        ] {
            let request = form(&[
                ("Action", "Publish"),
                ("TopicArn", topic),
                ("Subject", subject),
                ("Message", message),
            ]);
            assert_eq!(mailbox.act(&request).unwrap_err().1, code);
        }
        assert_eq!(mailbox.act(&form(&[("Action", "Dance")])).unwrap_err().1, "InvalidAction");
    }

    fn arn(subscribed: &str) -> String {
        subscribed.replace("<SubscriptionArn>", "").replace("</SubscriptionArn>", "")
    }

    #[tokio::test]
    async fn a_subscription_is_listed_once_until_it_ends() {
        let mailbox = mailbox();
        let ask = form(&[
            ("Action", "Subscribe"),
            ("TopicArn", TOPIC),
            ("Protocol", "email"),
            ("Endpoint", "ana&rui@example.com"),
        ]);
        assert_eq!(arn(&mailbox.act(&ask).unwrap()), "pending confirmation");
        assert_eq!(arn(&mailbox.act(&ask).unwrap()), "pending confirmation");
        let list = form(&[("Action", "ListSubscriptionsByTopic"), ("TopicArn", TOPIC)]);
        let listed = mailbox.act(&list).unwrap();
        assert_eq!(listed.matches("<member>").count(), 1);
        assert!(listed.contains("ana&amp;rui@example.com"));
        assert!(listed.contains("<SubscriptionArn>PendingConfirmation<"));
        let mails = mailbox.all();
        assert_eq!(mails.len(), 2, "a link for each request");
        let token = mails[1].message.rsplit_once(CONFIRM).unwrap().1.to_owned();
        assert!(!mailbox.confirm("another"));
        assert!(mailbox.confirm(&token));
        let arn = arn(&mailbox.act(&ask).unwrap());
        assert!(mailbox.act(&list).unwrap().contains(&arn));
        let mut other = ask.clone();
        other.insert("Attributes.entry.1.key".to_owned(), "FilterPolicy".to_owned());
        assert_eq!(mailbox.act(&other).unwrap_err().1, "InvalidParameter");
        mailbox.act(&form(&[("Action", "Unsubscribe"), ("SubscriptionArn", &arn)])).unwrap();
        assert!(!mailbox.act(&list).unwrap().contains("<member>"));
    }
}
