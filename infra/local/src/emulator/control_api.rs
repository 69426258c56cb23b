//! The host's own API, beside the deployment's: the inbox and the mailbox.
//!
//! `GET /_local/inbox` lists the captured requests, `DELETE` removes them. `PUT /_local/inbox/erp`
//! with `{"status": 500, "delay_ms": 0, "headers": {}, "body": "", "times": 3}` sets the reply to
//! requests to `erp.gancho.localhost` or below `/erp`. `GET` and `DELETE /_local/mailbox`.
//! `GET /_local/mailbox/confirm/{token}` is the link in the message that asks an address to confirm.

use axum::body::Bytes;
use http::{Method, Response, StatusCode, request::Parts};
use serde_json::{Value, json};

use crate::emulator::{
    answer::{Answer, message},
    inbox::{CapturedRequest, Inbox, Reply},
    sns::Mailbox,
};

const PREFIX: &str = "/_local/";

/// The inbox and the mailbox.
#[derive(Debug, Clone)]
pub struct ControlApi {
    /// The requests that were sent to endpoints here.
    pub inbox: Inbox,
    /// The messages that were published to topics.
    pub mailbox: Mailbox,
}

impl ControlApi {
    /// `true` for a request to the host itself.
    pub(crate) fn takes(parts: &Parts) -> bool {
        parts.uri.path().starts_with(PREFIX) || Inbox::takes(parts)
    }

    /// Answers it.
    pub(crate) async fn answer(&self, parts: Parts, body: Result<Bytes, ()>) -> Answer {
        let body = body.unwrap_or_default();
        if Inbox::takes(&parts) {
            return self.inbox.receive(parts, body).await;
        }
        let rest = parts.uri.path().strip_prefix(PREFIX).unwrap_or_default();
        let (what, key) = rest.split_once('/').unwrap_or((rest, ""));
        let answer = match what {
            "inbox" => self.inbox_answer(&parts.method, key, &body),
            "mailbox" => self.mailbox_answer(&parts.method, key),
            _ => None,
        };
        answer.unwrap_or_else(|| message(StatusCode::NOT_FOUND, "Not Found"))
    }

    fn inbox_answer(&self, method: &Method, key: &str, body: &[u8]) -> Option<Answer> {
        match *method {
            Method::GET => {
                let captured = self.inbox.at(key);
                Some(list(&captured.iter().map(CapturedRequest::shown).collect::<Vec<_>>()))
            }
            Method::PUT => Some(match serde_json::from_slice::<Reply>(body) {
                Ok(reply) => {
                    self.inbox.answer_with(key, reply);
                    nothing()
                }
                Err(error) => message(StatusCode::BAD_REQUEST, &error.to_string()),
            }),
            Method::DELETE if key.is_empty() => {
                self.inbox.clear();
                Some(nothing())
            }
            _ => None,
        }
    }

    fn mailbox_answer(&self, method: &Method, key: &str) -> Option<Answer> {
        match *method {
            Method::GET if key.is_empty() => {
                Some(list(&self.mailbox.all().iter().map(|mail| json!(mail)).collect::<Vec<_>>()))
            }
            Method::GET => {
                let is_confirmed = self.mailbox.confirm(key.strip_prefix("confirm/")?);
                is_confirmed.then(|| message(StatusCode::OK, "Subscription confirmed"))
            }
            Method::DELETE if key.is_empty() => {
                self.mailbox.clear();
                Some(nothing())
            }
            _ => None,
        }
    }
}

fn list(items: &[Value]) -> Answer {
    let mut answer = Response::new(Bytes::from(json!({ "items": items }).to_string()));
    let json = http::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(http::header::CONTENT_TYPE, json);
    answer
}

fn nothing() -> Answer {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}
