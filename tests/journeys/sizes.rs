//! CATALOGUE A, IN-22 to IN-24: bodies and headers around every limit.

use aws_sdk_dynamodb::types::Select;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use tests::{Inbound, World};

use crate::inbound::{accepted, bytes_of, listed, mapped, post, sent, succeeded};

/// Incompressible bytes by a fixed rule (xorshift).
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

async fn keeps_bytes(world: &World) -> Inbound {
    mapped(world, "create_deal", json!([{"target": "deal.title", "constant": "Arquivo"}])).await
}

/// The number of stored chunks.
async fn chunks(world: &World) -> i32 {
    let name = world.host.environment("ingest", "TABLE_BODIES").unwrap();
    let scan = world.host.dynamo_client().scan().table_name(name).select(Select::Count);
    let mut pages = scan.into_paginator().send();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += page.unwrap().count();
    }
    count
}

#[tokio::test]
async fn in_22_around_the_limit_of_an_item_a_body_is_inline_or_in_chunks_and_whole() {
    let world = World::new().await;
    let to = keeps_bytes(&world).await;
    let mut expected = 0;
    for (kib, more) in [
        (255, 0),
        (256, 0),
        (257, 0),
        (379, 0),
        (381, 1),
        (390, 2),
        (399, 2),
        (400, 2),
        (401, 2),
        (1_200, 4),
    ] {
        let view = sent(&world, &to, "application/octet-stream", noise(kib * 1024)).await;
        succeeded(&view);
        expected += more;
        assert_eq!(chunks(&world).await, expected, "{kib} KiB");
    }
    // A body that compresses well stays inline at any length.
    succeeded(&sent(&world, &to, "text/plain", "a".repeat(401 * 1024)).await);
    assert_eq!(chunks(&world).await, expected);
}

/// Sends a body. It must be kept whole if it fits, and otherwise be refused without being stored.
async fn whole_or_refused(world: &World, to: &Inbound, kind: &str, body: Vec<u8>, fits: bool) {
    let before = listed(world, to).await;
    let response = world.send_as(to, kind, body.clone()).await;
    let size = body.len();
    assert_eq!(response.status.as_u16(), if fits { 200 } else { 413 }, "{size} of {kind}");
    world.settle().await;
    assert_eq!(listed(world, to).await, before + usize::from(fits), "{size} of {kind}");
    if fits {
        let view = world.webhook(to, response.json()["id"].as_str().unwrap()).await;
        succeeded(&view);
        assert!(bytes_of(world, &view).await == body, "{size} of {kind}");
    }
}

#[tokio::test]
async fn in_23_bytes_up_to_the_limit_are_kept_whole_and_more_refused_with_413() {
    let world = World::new().await;
    let to = keeps_bytes(&world).await;
    // The function gets them as base64, a third longer, and its limit is 6 MiB.
    for (size, fits) in
        [(4_400_000, true), (4_500_000, true), (4_600_000, true), (4_750_000, false)]
    {
        whole_or_refused(&world, &to, "application/octet-stream", noise(size), fits).await;
    }
}

#[tokio::test]
async fn in_23_text_up_to_the_limit_is_kept_whole_and_more_refused_with_413() {
    let world = World::new().await;
    let to = keeps_bytes(&world).await;
    for (byte, size, fits) in [
        (b'a', 5_900_000, true),
        (b'a', 6_000_000, true),
        (b'a', 6_100_000, true),
        (b'a', 6_300_000, false),
        // A quotation mark is two characters of the JSON that the function is given.
        (b'"', 3_000_000, true),
        (b'"', 3_200_000, false),
        (b'a', 10 * 1024 * 1024 + 1, false),
    ] {
        whole_or_refused(&world, &to, "text/plain", vec![byte; size], fits).await;
    }
}

/// The values of a header in the history.
fn shown<'a>(view: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = view["headers"].as_array().unwrap();
    let named = headers.iter().filter(|header| header["name"] == name);
    named.map(|header| header["value"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn in_24_headers_are_shown_as_they_came_and_too_many_bytes_refused() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let body = r#"{"title":"Um"}"#;
    let json = || post(&world, &to).header("content-type", "application/json").body(body);

    let many = (0..200).fold(json(), |it, n| it.header(format!("x-{n}"), n.to_string()));
    let view = accepted(&world, &to, many, body.as_bytes()).await;
    succeeded(&view);
    for n in 0..200 {
        assert_eq!(shown(&view, &format!("x-{n}")), [n.to_string()]);
    }

    let cookie = format!("sessao={}", "c".repeat(8_000));
    let odd = json()
        .header("x-text", "é")
        .header("x-bytes", HeaderValue::from_bytes(b"caf\xe9\xff").unwrap())
        .header("x-twice", "one")
        .header("x-twice", "two")
        .header("authorization", "Bearer a-secret-of-the-sender")
        .header("cookie", &cookie);
    let view = accepted(&world, &to, odd, body.as_bytes()).await;
    succeeded(&view);
    assert_eq!(shown(&view, "x-text"), ["é"]);
    assert_eq!(shown(&view, "x-bytes"), ["caféÿ"]);
    assert_eq!(shown(&view, "x-twice"), ["one,two"]);
    assert_eq!((shown(&view, "cookie"), shown(&view, "authorization")), (vec!["***"], vec!["***"]));

    let before = listed(&world, &to).await;
    let response = tests::answer(json().header("x-long", "a".repeat(10_240))).await;
    assert_eq!(response.status, 431);
    world.settle().await;
    assert_eq!(listed(&world, &to).await, before);
}
