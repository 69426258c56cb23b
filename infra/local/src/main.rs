//! `cargo run -p local`: the whole deployment on this machine, with a demo of it. `--help` lists the
//! options.

use std::{io::Write, process::ExitCode};

use clap::Parser;
use gancho_domain::common::token;
use local::{
    Host,
    demo::{self, Access},
};

/// Runs Gancho on this machine and shows a demo of it.
#[derive(Debug, Parser)]
#[command(name = "local")]
struct Options {
    /// The port to listen on; 0 takes any free port.
    #[arg(long, value_name = "N", default_value_t = 8787)]
    port: u16,
    /// The folder of the data.
    #[arg(long, value_name = "FOLDER", default_value = ".data")]
    data: String,
    /// Stores nothing on disk.
    #[arg(long, conflicts_with = "data")]
    memory: bool,
    /// Starts without the demo.
    #[arg(long, conflicts_with = "demo_only")]
    no_demo: bool,
    /// Exits after the demo; fails if a step failed.
    #[arg(long)]
    demo_only: bool,
    /// Starts nothing: compares the calls recorded in this folder with the roles.
    #[arg(long, value_name = "FOLDER")]
    privileges: Option<String>,
}

impl Options {
    /// The folder of the data, if data is stored.
    fn folder(&self) -> Option<&str> {
        (!self.memory).then_some(self.data.as_str())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run().await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts the host, runs the demo and stays; returns the number of failed steps, or of wrong
/// permissions.
async fn run() -> Result<usize, String> {
    let options = Options::parse();
    if let Some(folder) = &options.privileges {
        return privileges(folder);
    }
    let folder = options.folder();
    let mut access = Access::read_or_make(folder).map_err(|error| chain(&error))?;
    let mut builder = Host::builder()
        .port(options.port)
        .batch_windows(!options.demo_only)
        .open_to_the_world()
        .parameter("AdminKeyHash", &token::hash(&access.owner_key));
    if let Some(folder) = folder {
        builder = builder.data(folder);
    }
    let host = builder.start().await.map_err(|error| chain(&error))?;
    let wrong = show(&host, &options, &mut access).await;
    if !options.demo_only && wrong.is_ok() {
        stopped().await?;
    }
    host.shutdown().await;
    wrong.map_err(|error| chain(&error))
}

fn privileges(folder: &str) -> Result<usize, String> {
    let wrong = local::privileges::check(folder.as_ref()).map_err(|error| chain(&error))?;
    for line in &wrong {
        writeln!(std::io::stderr(), "{line}").map_err(|error| error.to_string())?;
    }
    Ok(wrong.len())
}

async fn show(
    host: &Host,
    options: &Options,
    access: &mut Access,
) -> Result<usize, demo::DemoError> {
    demo::prepare(host, access).await?;
    access.keep(options.folder())?;
    let mut out = std::io::stdout();
    writeln!(out, "Gancho listens on {}\n", host.base_url())?;
    writeln!(out, "base-url: {}", host.base_url())?;
    writeln!(out, "owner-key: {}", access.owner_key)?;
    for (name, value) in
        [("api-key", &access.api_key), ("workspace", &access.workspace), ("origin", &access.origin)]
    {
        writeln!(out, "{name}: {}", value.as_deref().unwrap_or_default())?;
    }
    writeln!(out, "inbox-url: {}", host.inbox().url("inbox", "/"))?;
    writeln!(out, "inbox: {0}/_local/inbox  mailbox: {0}/_local/mailbox", host.base_url())?;
    for inbound in &access.integrations {
        writeln!(out, "ingest-url {}: {}", inbound.application, inbound.url)?;
    }
    out.flush()?;
    let wrong = if options.no_demo { 0 } else { demo::run(host, access, &mut out).await? };
    access.keep(options.folder())?;
    if !options.demo_only {
        writeln!(out, "Try it:\n\n{}\n\nCtrl-C stops.", example(host, access))?;
    }
    out.flush()?;
    Ok(wrong)
}

/// The example of a first webhook.
fn example(host: &Host, access: &Access) -> String {
    let base = host.base_url();
    let url = access.integration("webhook").map(|inbound| inbound.url.as_str()).unwrap_or_default();
    let origin = access.origin.as_deref().unwrap_or_default();
    let key = access.api_key.as_deref().unwrap_or_default();
    let body = r#"{"name":"Você","email":"voce@example.com"}"#;
    format!(
        "  curl -H 'content-type: application/json' -d '{body}' {url}\n  \
         curl -H 'authorization: Bearer {key}' '{base}/v1/origins/{origin}/webhooks?limit=1'"
    )
}

/// Returns on Ctrl-C or SIGTERM.
async fn stopped() -> Result<(), String> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended.map_err(|error| error.to_string()),
        _ = terminate.recv() => Ok(()),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
