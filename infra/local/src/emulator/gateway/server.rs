//! The gateway's port.

use std::{net::SocketAddr, sync::Arc};

use axum::body::Bytes;
use futures::StreamExt;
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, runtime::Handle, sync::watch, task::JoinHandle};

use super::{Gateway, limits::BODY_LIMIT};
use crate::emulator::{control_api::ControlApi, error::HostError};

/// A number of headers beyond the gateway's limit on their bytes.
const MOST_HEADERS: usize = 2_000;
/// The part of an oversized body that is read before the connection is closed.
const PATIENCE: usize = 64 * 1024 * 1024;

/// A port with a listener.
#[derive(Debug)]
pub(crate) struct Server {
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

/// Binds a port of this machine; 0 takes any.
pub(crate) fn bind(port: u16) -> Result<(std::net::TcpListener, SocketAddr), HostError> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", port))
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .map_err(HostError::io(format!("cannot listen on 127.0.0.1:{port}")))?;
    let address = listener.local_addr().map_err(HostError::io("the gateway's port"))?;
    Ok((listener, address))
}

impl Server {
    /// Answers on a bound port.
    pub(crate) fn start(
        gateway: Arc<Gateway>,
        listener: std::net::TcpListener,
        engine: &Handle,
    ) -> Result<Self, HostError> {
        let _context = engine.enter();
        let listener = tokio::net::TcpListener::from_std(listener)
            .map_err(HostError::io("the gateway's port"))?;
        let (stop, mut stopped) = watch::channel(false);
        let accepting = engine.spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    _ = stopped.wait_for(|stop| *stop) => return,
                };
                if let Ok((stream, peer)) = accepted {
                    tokio::spawn(converse(Arc::clone(&gateway), stream, peer, stopped.clone()));
                }
            }
        });
        Ok(Self { stop, accepting })
    }

    /// Accepts no more connections; open ones end after their present answer.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        _ = self.accepting.await;
    }
}

async fn converse(
    gateway: Arc<Gateway>,
    stream: TcpStream,
    peer: SocketAddr,
    mut stopped: watch::Receiver<bool>,
) {
    _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let gateway = Arc::clone(&gateway);
        async move { Ok::<_, std::convert::Infallible>(answer(&gateway, request, peer).await) }
    });
    let mut http = http1::Builder::new();
    http.max_headers(MOST_HEADERS).timer(TokioTimer::new());
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
    }
    _ = connection.await;
}

async fn answer(
    gateway: &Gateway,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Response<axum::body::Body> {
    let (parts, body) = request.into_parts();
    let body = read(axum::body::Body::new(body)).await;
    let answer = if ControlApi::takes(&parts) {
        gateway.control_api.answer(parts, body).await
    } else {
        gateway.answer(parts, body, peer.ip()).await
    };
    answer.map(axum::body::Body::from)
}

/// Reads a body up to the limit. A longer one is read for a while longer, so that the client has
/// sent everything and reads the refusal.
async fn read(body: axum::body::Body) -> Result<Bytes, ()> {
    let mut stream = body.into_data_stream();
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| ())?;
        length += chunk.len();
        if length <= BODY_LIMIT {
            bytes.extend_from_slice(&chunk);
        } else if length > PATIENCE {
            return Err(());
        }
    }
    if length > BODY_LIMIT { Err(()) } else { Ok(Bytes::from(bytes)) }
}
