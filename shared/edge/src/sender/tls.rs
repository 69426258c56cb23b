//! The TLS settings of every connection: the system's certificate authorities, HTTP/1.1.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::CertificateDer};
use rustls_platform_verifier::Verifier;

/// The settings, with `roots` trusted in addition to the system's authorities.
#[expect(clippy::expect_used, reason = "the provider has the protocol versions that rustls has")]
pub(super) fn config(roots: Vec<CertificateDer<'static>>) -> ClientConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("safe protocol versions");
    let mut config = match Verifier::new_with_extra_roots(roots, provider) {
        Ok(verifier) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth(),
        Err(error) => {
            // The system has no certificate authorities, so every handshake fails.
            tracing::error!(error.cause = %error, "no certificate authorities; trusting none");
            builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}
