use gancho_edge::{Settings, clock::Clock, ids::Ids, metrics::Metrics};
use lambda_runtime::Context as Invocation;
use serde_json::json;

use super::*;

const OWNER: &str = "gk_owner_0123456789abcdef0123456789abcdef";

/// An app whose table is unavailable: every read of it is an error.
fn unreachable() -> App {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::new("us-east-1"))
        .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("a", "b", None, None, "t"))
        .endpoint_url("http://127.0.0.1:1")
        .retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
        .build();
    let sqs = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
        .build();
    let sns = aws_sdk_sns::Config::builder()
        .behavior_version(aws_sdk_sns::config::BehaviorVersion::latest())
        .build();
    let vars = |name: &str| match name {
        "ADMIN_KEY_HASH" => Some(token::hash(OWNER)),
        _ => Some("t".to_owned()),
    };
    App::new(Deps {
        dynamo: aws_sdk_dynamodb::Client::from_conf(config),
        sqs: aws_sdk_sqs::Client::from_conf(sqs),
        sns: aws_sdk_sns::Client::from_conf(sns),
        resolver: None,
        clock: Clock::System,
        ids: Ids,
        settings: Settings::from_vars(vars).unwrap(),
        metrics: Metrics::default(),
    })
}

async fn call(event: Value) -> Result<Value, Error> {
    let event: Event = serde_json::from_value(event)?;
    let reply = handle(&unreachable(), LambdaEvent::new(event, Invocation::default())).await?;
    Ok(serde_json::to_value(reply)?)
}

fn some_token() -> String {
    some_key().replacen("gk_", "gs_", 1)
}

fn some_key() -> String {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let (ws, id) = (WorkspaceId::new(at, &[1; 10]), KeyId::new(at, &[2; 10]));
    token::api_key(ws, id, &[3; 32]).expose().to_owned()
}

#[tokio::test]
async fn te_03_malformed_credentials_are_refused_without_a_read() {
    let key = some_key();
    let table = [
        json!({}),
        json!(null),
        json!({"identitySource": null, "headers": null}),
        json!({"identitySource": [], "headers": []}),
        json!({"identitySource": [7]}),
        json!({"identitySource": [""]}),
        json!({"identitySource": [&key]}),
        json!({"identitySource": [format!("Basic {key}")]}),
        json!({"identitySource": [format!("Bearer{key}")]}),
        json!({"identitySource": ["Bearer "]}),
        json!({"identitySource": ["Bearer gk_"]}),
        json!({"identitySource": ["Bearer gs_"]}),
        json!({"identitySource": [some_token()]}),
        json!({"identitySource": [format!("Bearer {}", some_token().to_uppercase())]}),
        json!({"identitySource": [format!("Bearer {key} {key}")]}),
        json!({"identitySource": [format!("Bearer {key},Bearer {key}")]}),
        json!({"identitySource": [format!("Bearer {}", key.to_uppercase())]}),
        json!({"identitySource": [format!("Bearer {key}é\u{0}")]}),
        json!({"identitySource": [format!("Bearer {}", "k".repeat(10_000))]}),
        json!({"identitySource": ["Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."]}),
        json!({"headers": {"authorization": ["Bearer x"]}}),
    ];
    for event in table {
        let event = if event.is_null() { json!({}) } else { event };
        let answer = call(event.clone()).await.unwrap();
        assert_eq!(answer, json!({"isAuthorized": false, "context": {}}), "{event}");
    }
}

#[tokio::test]
async fn the_deployments_own_key_is_owner_of_no_workspace() {
    let owner = json!({"isAuthorized": true, "context": {"role": "owner"}});
    assert_eq!(call(json!({"identitySource": [format!("Bearer {OWNER}")]})).await.unwrap(), owner);
    let lower = json!({"headers": {"authorization": format!("bearer  {OWNER} ")}});
    assert_eq!(call(lower).await.unwrap(), owner);
}

#[tokio::test]
async fn au_15_an_unavailable_table_refuses_every_api_key_and_session_token() {
    for text in [some_key(), some_token()] {
        let error = call(json!({"identitySource": [format!("Bearer {text}")]})).await;
        assert_eq!(error.unwrap_err().to_string(), "storage_unavailable");
    }
}
