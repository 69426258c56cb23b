//! A Lambda authorizer with simple responses (payload format 2.0) and a cache of its answers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use http::StatusCode;
use serde_json::Value;

use super::event::Request;
use crate::emulator::answer::{Answer, internal_error, message};
use crate::emulator::{arns, clock::HostClock, json::set, lambda::Lambda};

/// The template's settings of an authorizer.
#[derive(Debug, Clone)]
pub struct AuthorizerSettings {
    /// Headers, lower case, that must be present and that are the cache key.
    pub identity: Vec<String>,
    /// The cache's lifetime in seconds.
    pub keep: u32,
}

/// An authorizer.
#[derive(Debug)]
pub struct Authorizer {
    settings: AuthorizerSettings,
    lambda: Arc<Lambda>,
    clock: HostClock,
    kept: Mutex<HashMap<Vec<String>, Kept>>,
}

#[derive(Debug, Clone)]
struct Kept {
    until: i64,
    verdict: Verdict,
}

/// The authorizer's answer for an identity.
#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    Admitted(Value),
    Denied,
}

impl Authorizer {
    /// An authorizer with an empty cache.
    pub fn new(settings: AuthorizerSettings, lambda: Arc<Lambda>, clock: HostClock) -> Self {
        Self { settings, lambda, clock, kept: Mutex::default() }
    }

    /// Returns the context for the function, or the gateway's refusal.
    pub(super) async fn admit(
        &self,
        request: &Request,
        event: &Value,
        route_key: &str,
    ) -> Result<Value, Answer> {
        let header = |name: &String| request.headers.get(name).filter(|value| !value.is_empty());
        let identity: Option<Vec<String>> =
            self.settings.identity.iter().map(|name| header(name).cloned()).collect();
        let Some(identity) = identity else {
            return Err(message(StatusCode::UNAUTHORIZED, "Unauthorized"));
        };
        let verdict = match self.remembered(&identity) {
            Some(verdict) => verdict,
            None => self.ask(identity, event, route_key).await?,
        };
        match verdict {
            Verdict::Admitted(context) => Ok(context),
            Verdict::Denied => Err(message(StatusCode::FORBIDDEN, "Forbidden")),
        }
    }

    fn remembered(&self, identity: &[String]) -> Option<Verdict> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get(identity).filter(|kept| kept.until > self.clock.millis());
        kept.map(|kept| kept.verdict.clone())
    }

    async fn ask(
        &self,
        identity: Vec<String>,
        event: &Value,
        route_key: &str,
    ) -> Result<Verdict, Answer> {
        let question = question(event, &identity, route_key);
        let answer = self.lambda.invoke(&question).await.map_err(|_| internal_error())?;
        let verdict = match answer.get("isAuthorized").and_then(Value::as_bool) {
            Some(true) => Verdict::Admitted(answer.get("context").cloned().unwrap_or_default()),
            Some(false) => Verdict::Denied,
            None => return Err(internal_error()),
        };
        if self.settings.keep > 0 {
            let now = self.clock.millis();
            let kept = Kept {
                until: now + i64::from(self.settings.keep) * 1000,
                verdict: verdict.clone(),
            };
            let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|_, kept| kept.until > now);
            all.insert(identity, kept);
        }
        Ok(verdict)
    }
}

/// The event of a request authorizer: the request without its body.
fn question(event: &Value, identity: &[String], route_key: &str) -> Value {
    let mut question = event.clone();
    if let Some(fields) = question.as_object_mut() {
        fields.remove("body");
        fields.remove("isBase64Encoded");
    }
    let method = event.pointer("/requestContext/http/method").and_then(Value::as_str);
    let path = event.get("rawPath").and_then(Value::as_str).unwrap_or_default();
    let resource = format!("local/$default/{}{path}", method.unwrap_or_default());
    set(&mut question, "type", "REQUEST");
    set(&mut question, "routeArn", arns::arn("execute-api", &resource));
    set(&mut question, "identitySource", identity.to_vec());
    set(&mut question, "routeKey", route_key);
    question
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use axum::body::Bytes;
    use futures::FutureExt;
    use gancho_edge::clock::{Clock, ManualClock};
    use jiff::{SignedDuration, Timestamp};
    use serde_json::json;
    use tokio::runtime::Handle;

    use super::*;
    use crate::emulator::{activity::Activity, answer::head};

    fn authorizer(answer: Value) -> (Authorizer, Arc<Lambda>, ManualClock) {
        let hand = ManualClock::new(Timestamp::UNIX_EPOCH);
        let clock = HostClock::new(Clock::Manual(hand.clone()), &Handle::current());
        let code: crate::emulator::lambda::Function = Arc::new(move |_, _| {
            let answer = answer.clone();
            async move { Ok(answer) }.boxed()
        });
        let limit = Duration::from_secs(1);
        let lambda =
            Arc::new(Lambda::new("authorizer", limit, code, clock.clone(), Activity::default()));
        let settings = AuthorizerSettings { identity: vec!["authorization".to_owned()], keep: 60 };
        (Authorizer::new(settings, Arc::clone(&lambda), clock), lambda, hand)
    }

    async fn ask(authorizer: &Authorizer, key: Option<&str>) -> Result<Value, u16> {
        let mut headers: Vec<(&str, &[u8])> = vec![("host", b"h")];
        headers.extend(key.map(|key| ("authorization", key.as_bytes())));
        let source = "127.0.0.1".parse().unwrap();
        let parts = head("GET", "/v1/jobs", &headers);
        let request = Request::new(parts, Bytes::new(), source, Timestamp::UNIX_EPOCH).unwrap();
        let event = request.event("GET /v1/jobs", &BTreeMap::new());
        let admitted = authorizer.admit(&request, &event, "GET /v1/jobs").await;
        admitted.map_err(|refusal| refusal.status().as_u16())
    }

    #[tokio::test]
    async fn an_answer_is_kept_by_identity_for_a_minute() {
        let (authorizer, lambda, hand) =
            authorizer(json!({"isAuthorized": true, "context": {"role": "admin"}}));
        for _ in 0..3 {
            assert_eq!(ask(&authorizer, Some("k")).await, Ok(json!({"role": "admin"})));
        }
        assert_eq!(lambda.invocations(), 1);
        ask(&authorizer, Some("other")).await.unwrap();
        assert_eq!(lambda.invocations(), 2);
        hand.advance(SignedDuration::from_secs(60));
        ask(&authorizer, Some("k")).await.unwrap();
        assert_eq!(lambda.invocations(), 3);
    }

    #[tokio::test]
    async fn without_the_header_the_function_is_not_invoked() {
        let (authorizer, lambda, _) = authorizer(json!({"isAuthorized": true}));
        assert_eq!(ask(&authorizer, None).await, Err(401));
        assert_eq!(ask(&authorizer, Some("")).await, Err(401));
        assert_eq!(lambda.invocations(), 0);
    }

    #[tokio::test]
    async fn a_denial_is_403_and_an_invalid_answer_500() {
        let (denying, lambda, _) = authorizer(json!({"isAuthorized": false}));
        assert_eq!(ask(&denying, Some("k")).await, Err(403));
        assert_eq!(ask(&denying, Some("k")).await, Err(403));
        assert_eq!(lambda.invocations(), 1);
        let (broken, _, _) = authorizer(json!({}));
        assert_eq!(ask(&broken, Some("k")).await, Err(500));
    }
}
