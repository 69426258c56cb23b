//! The services beyond tables: topics, FIFO queues, and the inbox.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use aws_sdk_sns::types::MessageAttributeValue;
use gancho_edge::{
    Deps,
    clock::{Clock, ManualClock},
    queue::Queue,
};
use jiff::Timestamp;
use local::{AwsError, Host};
use serde_json::{Value, json};

async fn host() -> Host {
    let clock = Clock::Manual(ManualClock::new(Timestamp::UNIX_EPOCH));
    Host::builder().clock(clock).event_sources(false).start().await.unwrap()
}

async fn publish(deps: &Deps, words: &str) -> Result<String, String> {
    let kind = MessageAttributeValue::builder().data_type("String").string_value("suspended");
    let topic = deps.settings.notices_topic.clone().unwrap();
    let call = deps.sns.publish().topic_arn(topic).subject("Suspenso: ERP & cia").message(words);
    let sent = call.message_attributes("kind", kind.build().unwrap()).send().await;
    let sent = sent.map_err(|error| format!("{:?}", aws_sdk_sns::Error::from(error)))?;
    Ok(sent.message_id.unwrap())
}

#[tokio::test]
async fn a_notice_is_in_the_mailbox_with_its_attributes() {
    let host = host().await;
    let deps = host.deps_for("suspension").unwrap();
    host.faults().record();
    let id = publish(&deps, "31 erros <em> 30 minutos").await.unwrap();
    let mails = host.mailbox().all();
    assert_eq!((mails.len(), mails[0].id.as_str()), (1, id.as_str()));
    assert_eq!(mails[0].message, "31 erros <em> 30 minutos");
    assert_eq!(mails[0].attributes["kind"], "suspended");
    let call = host.faults().calls().remove(0);
    assert_eq!((call.operation.as_str(), call.table()), ("Publish", "notices"));
    let shown = reqwest::get(format!("{}/_local/mailbox", host.base_url())).await.unwrap();
    let shown: Value = shown.json().await.unwrap();
    assert_eq!(shown["items"][0]["subject"], "Suspenso: ERP & cia");
    host.shutdown().await;
}

#[tokio::test]
async fn a_topic_fails_as_the_rule_says_and_a_lost_reply_has_published_already() {
    let host = host().await;
    let deps = host.deps_for("suspension").unwrap();
    let refused = AwsError::new(403, "AuthorizationError");
    host.faults().on("Publish").table("notices").pre_err(refused);
    let error = publish(&deps, "a").await.unwrap_err();
    assert!(error.contains("AuthorizationError"), "{error}");
    assert!(host.mailbox().all().is_empty());
    host.faults().clear();
    host.faults().on("Publish").post_err();
    publish(&deps, "b").await.unwrap();
    assert_eq!(host.mailbox().all().len(), 2, "published, and again by the client's own retry");
    host.shutdown().await;
}

#[tokio::test]
async fn an_unknown_topic_is_not_found() {
    let host = host().await;
    let topic = "arn:aws:sns:us-east-1:000000000000:gancho-other";
    let deps = host.deps_for("suspension").unwrap();
    let sent = deps.sns.publish().topic_arn(topic).message("m").send().await;
    assert!(matches!(
        sent.map_err(aws_sdk_sns::Error::from),
        Err(aws_sdk_sns::Error::NotFoundException(_))
    ));
    host.shutdown().await;
}

#[tokio::test]
async fn a_lane_s_messages_come_one_after_another() {
    let host = host().await;
    let deps = host.deps_for("deliver").unwrap();
    let queues = deps.queues();
    let queue = queues.url(Queue::Lanes).unwrap();
    for token in ["token-1", "token-2", "token-2"] {
        let call = deps.sqs.send_message().queue_url(queue).message_body("{}");
        let call = call.message_group_id("group").message_deduplication_id(token);
        call.send().await.unwrap();
    }
    let receive = || async {
        let call = deps.sqs.receive_message().queue_url(queue).max_number_of_messages(1);
        call.send().await.unwrap().messages.unwrap_or_default()
    };
    let first = receive().await;
    assert_eq!(first.len(), 1);
    assert!(receive().await.is_empty(), "its group has one in flight");
    let receipt = first[0].receipt_handle.as_deref().unwrap();
    deps.sqs.delete_message().queue_url(queue).receipt_handle(receipt).send().await.unwrap();
    assert_eq!(receive().await.len(), 1);
    assert_eq!(host.queues().bodies("gancho-lanes.fifo").unwrap().len(), 1, "token-2 came once");
    host.shutdown().await;
}

#[tokio::test]
async fn the_inbox_captures_requests_and_answers_as_set_over_http() {
    let host = host().await;
    let here = host.base_url().strip_prefix("http://").unwrap().parse().unwrap();
    let http = reqwest::Client::builder().no_proxy().resolve("erp.gancho.localhost", here);
    let http = http.build().unwrap();
    let reply = json!({"status": 500, "headers": {"retry-after": "7"}, "times": 1});
    let put = http.put(format!("{}/_local/inbox/erp", host.base_url())).json(&reply);
    assert_eq!(put.send().await.unwrap().status(), 204);
    let url = host.inbox().url("erp", "/orders?n=1");
    let send = || http.post(&url).header("webhook-id", "w1").body("{\"a\":1.10}").send();
    let first = send().await.unwrap();
    assert_eq!(
        (first.status().as_u16(), &first.headers()["retry-after"]),
        (500, &"7".parse().unwrap())
    );
    assert_eq!(send().await.unwrap().status(), 200);
    let captured_requests = host.inbox().at("erp");
    assert_eq!(
        (captured_requests.len(), captured_requests[0].header("webhook-id")),
        (2, Some("w1"))
    );
    assert_eq!(
        (captured_requests[0].body.as_slice(), captured_requests[0].answered),
        (&b"{\"a\":1.10}"[..], 500)
    );
    let shown = http.get(format!("{}/_local/inbox", host.base_url())).send().await.unwrap();
    let shown: Value = shown.json().await.unwrap();
    assert_eq!(shown["items"][1]["query"], "n=1");
    let wrong = http.put(format!("{}/_local/inbox/erp", host.base_url())).json(&json!({"code": 1}));
    assert_eq!(wrong.send().await.unwrap().status(), 400);
    host.shutdown().await;
}
