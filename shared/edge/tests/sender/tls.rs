//! Handshakes that must not succeed (`CATALOGUE` OU-12).

use std::{sync::Arc, time::Duration};

use gancho_domain::outbound::delivery::{Fault, Outcome};
use gancho_edge::{deps::Resolver, sender::Sender};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair, date_time_ymd};
use tokio::{io::AsyncWriteExt, net::TcpListener};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ConfigBuilder, ServerConfig,
        server::{ResolvesServerCertUsingSni, WantsServerCert},
        sign::CertifiedKey,
    },
};

use crate::{
    harness::{Parcel, Stub, fault, settings},
    hostile_servers::{Deed, HostileServer, NAME, plain},
};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A sender that trusts this authority in addition to the system's.
fn trusting(authority: &Authority) -> Sender {
    let here = Stub::new(vec![vec!["127.0.0.1:0".parse().unwrap()]]);
    let root = authority.der().clone();
    Sender::with_roots(&settings(), Some(Resolver(here)), vec![root])
}

/// Starts a server with a certificate for `name`, signed by the authority or self-signed. Returns
/// its port.
async fn server(authority: Option<&Authority>, name: &str, until: i32) -> u16 {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_after = date_time_ymd(until, 1, 1);
    let certificate = match authority {
        Some(authority) => params.signed_by(&key, authority).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let one = versions().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    listening(one).await
}

/// Starts a server that has this authority's certificate for `name` and presents it only for that
/// name. Returns its port.
async fn server_by_name(authority: &Authority, name: &str) -> u16 {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let certified =
        CertifiedKey::from_der(vec![certificate.der().clone()], key, &provider).unwrap();
    let mut names = ResolvesServerCertUsingSni::new();
    names.add(name, certified).unwrap();
    listening(versions().with_cert_resolver(Arc::new(names))).await
}

fn versions() -> ConfigBuilder<ServerConfig, WantsServerCert> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
}

async fn listening(config: ServerConfig) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let _ = stream.write_all(&plain(200)).await;
                let _ = stream.shutdown().await;
                tokio::time::sleep(Duration::from_millis(200)).await;
            });
        }
    });
    port
}

async fn sent(sender: &Sender, port: u16) -> Outcome {
    let parcel = Parcel::to(&format!("https://{NAME}:{port}/")).within(2_000);
    parcel.send(sender).await.outcome
}

#[tokio::test]
async fn ou_12_only_a_certificate_of_a_known_authority_for_this_name_and_time_is_good() {
    let authority = authority();
    let sender = trusting(&authority);
    let good = server(Some(&authority), NAME, 2040).await;
    assert_eq!(sent(&sender, good).await, Outcome::Status(200), "the good one");
    for (what, port) in [
        ("expired", server(Some(&authority), NAME, 2020).await),
        ("wrong name", server(Some(&authority), "other.example", 2040).await),
        ("self-signed", server(None, NAME, 2040).await),
        ("another authority", server(Some(&self::authority()), NAME, 2040).await),
    ] {
        assert_eq!(sent(&sender, port).await, fault(Fault::TlsFailed), "{what}");
    }
}

#[tokio::test]
async fn ou_12_the_handshake_sends_the_name_and_a_server_with_another_name_fails() {
    let authority = authority();
    let sender = trusting(&authority);
    let ours = server_by_name(&authority, NAME).await;
    assert_eq!(sent(&sender, ours).await, Outcome::Status(200), "no name, no certificate");
    let another = server_by_name(&authority, "other.example").await;
    assert_eq!(sent(&sender, another).await, fault(Fault::TlsFailed));
}

#[tokio::test]
async fn ou_12_a_failed_handshake_never_falls_back_to_plain_http() {
    let sender = trusting(&authority());
    let clear = HostileServer::answering(plain(200)).await;
    let spoken =
        HostileServer::new(vec![Deed::Write(plain(400)), Deed::Wait(Duration::from_secs(1))]).await;
    assert_eq!(sent(&sender, spoken.address().port()).await, fault(Fault::TlsFailed));
    let hang = HostileServer::new(vec![Deed::Wait(Duration::from_secs(30))]).await;
    assert_eq!(sent(&sender, hang.address().port()).await, fault(Fault::Timeout));
    let closed = HostileServer::new(Vec::new()).await;
    let outcome = sent(&sender, closed.address().port()).await;
    assert!(matches!(outcome, Outcome::Fault(Fault::ConnectFailed | Fault::TlsFailed)));
    // The refusal of an old server: a `protocol_version` alert.
    let alert = vec![0x15, 3, 1, 0, 2, 2, 70];
    let old =
        HostileServer::new(vec![Deed::Write(alert), Deed::Wait(Duration::from_secs(1))]).await;
    assert_eq!(sent(&sender, old.address().port()).await, fault(Fault::TlsFailed));
    for hostile in [&clear, &spoken, &hang, &closed, &old] {
        assert!(hostile.requests().is_empty(), "nothing was sent in the clear");
    }
}
