//! Clock skew (`CATALOGUE` OU-19).

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use gancho_edge::{
    clock::{Clock, ManualClock},
    metrics::{Kept, Metric, Metrics, Sink, skew::Skew},
};

use crate::{harness::now, hostile_servers::HostileServer};

/// The recorded skews when AWS returns `date`.
async fn recorded(date: &str) -> Vec<u64> {
    let answer = format!(
        "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 17\r\nConnection: close\r\n\r\n{{\"TableNames\":[]}}"
    );
    let aws = HostileServer::answering(answer).await;
    let clock = Clock::Manual(ManualClock::new(now()));
    let kept = Kept::default();
    let metrics = Metrics::new("prod", Sink::Kept(kept.clone()), clock.clone());
    let skew = Skew { metrics: metrics.clone(), clock };
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("a", "b", None, None, "test"))
        .endpoint_url(format!("http://{}", aws.address()))
        .interceptor(skew);
    let client = aws_sdk_dynamodb::Client::from_conf(config.build());
    client.list_tables().send().await.unwrap();
    metrics.write("r-1");
    kept.values(Metric::ClockSkewSeconds, None)
}

#[tokio::test]
async fn ou_19_a_clock_that_is_more_than_a_minute_off_is_recorded() {
    assert_eq!(recorded("Sat, 21 Nov 2026 13:10:00 GMT").await, [600], "ten minutes late");
    assert_eq!(recorded("Sat, 21 Nov 2026 12:58:00 GMT").await, [120], "two minutes early");
    assert!(recorded("Sat, 21 Nov 2026 13:01:00 GMT").await.is_empty());
    assert!(recorded("soon").await.is_empty());
}
