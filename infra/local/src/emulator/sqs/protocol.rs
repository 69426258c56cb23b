//! SQS's JSON protocol: `X-Amz-Target: AmazonSQS.<operation>`, JSON both ways.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::{
    message::{Outgoing, Received, attributes, md5_hex},
    queue::Queues,
    settings::SqsError,
};
use crate::emulator::{error::HostError, json::set};

/// Binds a port of this machine for the queues.
pub fn bind() -> Result<(std::net::TcpListener, SocketAddr), HostError> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .map_err(HostError::io("a port for the queues"))?;
    let address = listener.local_addr().map_err(HostError::io("the port of the queues"))?;
    Ok((listener, address))
}

/// Serves the queues on a bound port.
pub fn serve(
    queues: Queues,
    listener: std::net::TcpListener,
    services: &Handle,
) -> Result<(), HostError> {
    let _context = services.enter();
    let listener = tokio::net::TcpListener::from_std(listener)
        .map_err(HostError::io("the port of the queues"))?;
    let router = Router::new().route("/", post(answer)).with_state(queues);
    services.spawn(async move {
        _ = axum::serve(listener, router).await;
    });
    Ok(())
}

async fn answer(State(queues): State<Queues>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix("AmazonSQS.")).unwrap_or_default();
    let Ok(request) = serde_json::from_slice::<Value>(&body) else {
        return failure(&SqsError::new("SerializationException", "The body is not JSON."));
    };
    match dispatch(&queues, operation, &request).await {
        Ok(answer) => reply(StatusCode::OK, &answer),
        Err(error) => failure(&error),
    }
}

async fn dispatch(queues: &Queues, operation: &str, request: &Value) -> Result<Value, SqsError> {
    let queue = text(request, "QueueUrl");
    match operation {
        "SendMessage" => send(queues, queue, request),
        "SendMessageBatch" => batch(request, |entry| send(queues, queue, entry)),
        "ReceiveMessage" => receive(queues, queue, request).await,
        "DeleteMessage" => delete(queues, queue, request),
        "DeleteMessageBatch" => batch(request, |entry| delete(queues, queue, entry)),
        "ChangeMessageVisibility" => change(queues, queue, request),
        "ChangeMessageVisibilityBatch" => batch(request, |entry| change(queues, queue, entry)),
        "GetQueueAttributes" => depth(queues, queue),
        "GetQueueUrl" => {
            let name = text(request, "QueueName");
            queues.find(name).map(|queue| json!({ "QueueUrl": queue.name }))
        }
        _ => Err(SqsError::new("UnsupportedOperation", format!("{operation} is not served here."))),
    }
}

fn send(queues: &Queues, queue: &str, entry: &Value) -> Result<Value, SqsError> {
    let body = text(entry, "MessageBody");
    let delay = number(entry, "DelaySeconds")?.unwrap_or(0);
    let optional = |name: &str| entry.get(name).and_then(Value::as_str);
    let group = optional("MessageGroupId");
    let deduplication = optional("MessageDeduplicationId");
    let sent = queues.send_message(queue, &Outgoing { body, delay, group, deduplication })?;
    let mut answer = json!({ "MessageId": sent.id, "MD5OfMessageBody": md5_hex(body) });
    if let Some(sequence) = sent.sequence {
        set(&mut answer, "SequenceNumber", sequence);
    }
    Ok(answer)
}

fn delete(queues: &Queues, queue: &str, entry: &Value) -> Result<Value, SqsError> {
    queues.delete(queue, text(entry, "ReceiptHandle")).map(|()| json!({}))
}

fn change(queues: &Queues, queue: &str, entry: &Value) -> Result<Value, SqsError> {
    let visibility = number(entry, "VisibilityTimeout")?
        .ok_or_else(|| SqsError::new("MissingParameter", "VisibilityTimeout is missing."))?;
    let receipt = text(entry, "ReceiptHandle");
    queues.change_visibility(queue, receipt, visibility).map(|()| json!({}))
}

/// Handles one to ten entries, each with its own result.
fn batch(
    request: &Value,
    mut each: impl FnMut(&Value) -> Result<Value, SqsError>,
) -> Result<Value, SqsError> {
    let entries = request.get("Entries").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    check_entries(entries)?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let id = text(entry, "Id");
        match each(entry) {
            Ok(mut answer) => {
                set(&mut answer, "Id", id);
                successful.push(answer);
            }
            Err(error) => failed.push(json!({
                "Id": id, "SenderFault": true, "Code": error.code, "Message": error.message,
            })),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

fn check_entries(entries: &[Value]) -> Result<(), SqsError> {
    if entries.is_empty() {
        return Err(SqsError::new("EmptyBatchRequest", "There are no entries."));
    }
    if entries.len() > 10 {
        return Err(SqsError::new(
            "TooManyEntriesInBatchRequest",
            "There are more than 10 entries.",
        ));
    }
    let ids: std::collections::BTreeSet<_> = entries.iter().map(|e| text(e, "Id")).collect();
    if ids.len() < entries.len() {
        return Err(SqsError::new("BatchEntryIdsNotDistinct", "Two entries have the same Id."));
    }
    Ok(())
}

async fn receive(queues: &Queues, queue: &str, request: &Value) -> Result<Value, SqsError> {
    let most = number(request, "MaxNumberOfMessages")?.unwrap_or(1);
    if !(1..=10).contains(&most) {
        return Err(SqsError::invalid("MaxNumberOfMessages must be between 1 and 10."));
    }
    let visibility = number(request, "VisibilityTimeout")?;
    let wait = number(request, "WaitTimeSeconds")?.unwrap_or(0).min(20);
    let end = tokio::time::Instant::now() + Duration::from_secs(wait.into());
    let mut changes = queues.changes();
    loop {
        let most = usize::try_from(most).unwrap_or(1);
        let messages = queues.receive(queue, most, visibility)?;
        if !messages.is_empty() || tokio::time::Instant::now() >= end {
            let messages: Vec<Value> = messages.iter().map(received).collect();
            return Ok(json!({ "Messages": messages }));
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = queues.clock().wait_until(queues.next_visible(queue)?) => {}
            () = tokio::time::sleep_until(end) => {}
        }
    }
}

fn received(message: &Received) -> Value {
    json!({
        "MessageId": message.message_id,
        "ReceiptHandle": message.receipt,
        "Body": message.body,
        "MD5OfBody": md5_hex(&message.body),
        "Attributes": attributes(message),
    })
}

fn depth(queues: &Queues, queue: &str) -> Result<Value, SqsError> {
    let depth = queues.depth(queue)?;
    let settings = queues.find(queue)?;
    Ok(json!({ "Attributes": {
        "QueueArn": crate::emulator::arns::arn("sqs", &settings.name),
        "VisibilityTimeout": settings.visibility.to_string(),
        "MessageRetentionPeriod": settings.retention.to_string(),
        "ApproximateNumberOfMessages": depth.visible.to_string(),
        "ApproximateNumberOfMessagesNotVisible": depth.in_flight.to_string(),
        "ApproximateNumberOfMessagesDelayed": depth.delayed.to_string(),
    }}))
}

fn text<'a>(request: &'a Value, name: &str) -> &'a str {
    request.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(request: &Value, name: &str) -> Result<Option<u32>, SqsError> {
    let Some(value) = request.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number.map(Some).ok_or_else(|| SqsError::invalid(format!("{name} is out of range.")))
}

fn failure(error: &SqsError) -> Response {
    let internal = error.code == "InternalError";
    let status = if internal { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST };
    let body = json!({
        "__type": format!("com.amazonaws.sqs#{}", error.code),
        "message": error.message,
    });
    let mut response = reply(status, &body);
    // The SDK reads the code of the older protocol.
    let fault = if internal { "Receiver" } else { "Sender" };
    if let Ok(value) = format!("{};{fault}", old_code(error.code)).parse() {
        response.headers_mut().insert("x-amzn-query-error", value);
    }
    response
}

fn old_code(code: &str) -> String {
    match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
        "EmptyBatchRequest"
        | "TooManyEntriesInBatchRequest"
        | "BatchEntryIdsNotDistinct"
        | "MessageNotInflight"
        | "OverLimit"
        | "UnsupportedOperation" => format!("AWS.SimpleQueueService.{code}"),
        _ => code.to_owned(),
    }
}

fn reply(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], body.to_string()).into_response()
}
