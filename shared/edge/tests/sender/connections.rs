//! Connections that are kept, and requests that must not use them (`CATALOGUE` SS-15, OU-16).

use std::time::Duration;

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::delivery::{Fault, Outcome},
};
use gancho_edge::sender::Sender;

use crate::{
    harness::{Parcel, Stub, fault, now, sender, sender_by},
    hostile_servers::{Deed, HostileServer, NAME, kept},
};

async fn answered(parcel: &Parcel, sender: &Sender, status: u16) {
    assert_eq!(parcel.send(sender).await.outcome, Outcome::Status(status));
}

#[tokio::test]
async fn lean_4_requests_of_an_endpoint_use_one_connection_and_resolve_its_name_each() {
    let server = HostileServer::keeping(200).await;
    let resolver = Stub::new(vec![vec![server.address()]]);
    let sender = sender_by(resolver.clone());
    let parcel = Parcel::to(&format!("http://{NAME}/"));
    for _ in 0..5 {
        answered(&parcel, &sender, 200).await;
    }
    assert_eq!(server.requests().len(), 5);
    assert_eq!((server.connections(), resolver.lookups()), (1, 5));
}

#[tokio::test]
async fn lean_4_an_idle_connection_is_closed_before_common_servers_close_theirs() {
    let server = HostileServer::keeping(200).await;
    let (sender, parcel) = (sender(), Parcel::to(&server.url("/")));
    answered(&parcel, &sender, 200).await;
    // The client's pool reads the real clock.
    tokio::time::sleep(Duration::from_millis(4_500)).await;
    answered(&parcel, &sender, 200).await;
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn ss_15_a_name_with_other_addresses_gets_a_new_connection() {
    let (first, second) = (HostileServer::keeping(200).await, HostileServer::keeping(201).await);
    let resolver = Stub::new(vec![vec![first.address()], vec![second.address()]]);
    let sender = sender_by(resolver.clone());
    // An exempt name without a port uses the port of the resolved address.
    let parcel = Parcel::to(&format!("http://{NAME}/"));
    for _ in 0..2 {
        answered(&parcel, &sender, 200).await;
        answered(&parcel, &sender, 201).await;
    }
    // The third request's addresses are those of the first, whose connection was kept.
    assert_eq!((first.connections(), second.connections(), resolver.lookups()), (1, 1, 4));
}

#[tokio::test]
async fn ss_15_no_connection_is_shared_between_endpoints_or_workspaces() {
    let server = HostileServer::keeping(200).await;
    let sender = sender();
    let parcel = Parcel::to(&server.url("/"));
    let mut neighbour = Parcel::to(&server.url("/"));
    neighbour.endpoint.id = EndpointId::new(now(), &[4; 10]);
    let mut stranger = Parcel::to(&server.url("/"));
    stranger.workspace = WorkspaceId::new(now(), &[2; 10]);
    for _ in 0..2 {
        for parcel in [&parcel, &neighbour, &stranger] {
            answered(parcel, &sender, 200).await;
        }
    }
    assert_eq!((server.requests().len(), server.connections()), (6, 3));
}

#[tokio::test]
async fn ou_16_a_request_on_a_connection_that_the_peer_closes_is_sent_once_more_on_a_new_one() {
    for end in [Deed::Wait(Duration::ZERO), Deed::Reset] {
        // The connection ends after the second request was read, without an answer.
        let script = vec![Deed::Read, Deed::Write(kept(200)), Deed::Read, end];
        let server = HostileServer::new(script).await;
        let (sender, parcel) = (sender(), Parcel::to(&server.url("/")));
        answered(&parcel, &sender, 200).await;
        answered(&parcel, &sender, 200).await;
        let requests = server.requests();
        assert_eq!((requests.len(), server.connections()), (3, 2));
        assert_eq!(requests[1], requests[2], "the same bytes");
    }
}

#[tokio::test]
async fn ou_16_a_connection_closed_between_requests_is_replaced() {
    let server = HostileServer::new(vec![Deed::Read, Deed::Write(kept(200))]).await;
    let (sender, parcel) = (sender(), Parcel::to(&server.url("/")));
    for _ in 0..3 {
        answered(&parcel, &sender, 200).await;
    }
    assert_eq!((server.requests().len(), server.connections()), (3, 3));
}

#[tokio::test]
async fn ou_16_a_new_connection_that_is_closed_without_an_answer_fails_the_attempt() {
    let script = vec![Deed::Read, Deed::Write(kept(200)), Deed::Read];
    let server = HostileServer::new(script).await;
    let (sender, parcel) = (sender(), Parcel::to(&server.url("/")));
    answered(&parcel, &sender, 200).await;
    server.change(vec![Deed::Read]);
    assert_eq!(parcel.send(&sender).await.outcome, fault(Fault::ConnectFailed));
    assert_eq!(
        (server.requests().len(), server.connections()),
        (3, 2),
        "sent once more, not twice"
    );
    assert_eq!(parcel.send(&sender).await.outcome, fault(Fault::ConnectFailed));
    assert_eq!((server.requests().len(), server.connections()), (4, 3), "no kept one, so once");
}

#[tokio::test]
async fn ou_16_a_kept_connection_without_an_answer_in_time_is_a_timeout_and_not_repeated() {
    let script =
        vec![Deed::Read, Deed::Write(kept(200)), Deed::Read, Deed::Wait(Duration::from_secs(30))];
    let server = HostileServer::new(script).await;
    let (sender, parcel) = (sender(), Parcel::to(&server.url("/")).within(200));
    answered(&parcel, &sender, 200).await;
    assert_eq!(parcel.send(&sender).await.outcome, fault(Fault::Timeout));
    assert_eq!((server.requests().len(), server.connections()), (2, 1));
}

#[tokio::test]
async fn ou_16_a_response_that_breaks_off_in_its_body_is_not_repeated() {
    let broken = b"HTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\nab".to_vec();
    let script = vec![Deed::Read, Deed::Write(kept(200)), Deed::Read, Deed::Write(broken)];
    let server = HostileServer::new(script).await;
    let (sender, parcel) = (sender(), Parcel::to(&server.url("/")));
    answered(&parcel, &sender, 200).await;
    answered(&parcel, &sender, 500).await;
    assert_eq!((server.requests().len(), server.connections()), (2, 1));
}
