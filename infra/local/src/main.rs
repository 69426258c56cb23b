//! `cargo run -p local`: the whole deployment on this machine, with a demo of it.
//!
//! `--port N` (8787; 0: any), `--data FOLDER` (`.data`), `--memory` keeps nothing, `--no-demo`
//! sends nothing, `--demo-only` stops after the demo and fails if a step failed. `--privileges
//! FOLDER` starts nothing: it compares the calls recorded there with the roles.

use std::{io::Write, process::ExitCode};

use gancho_domain::common::token;
use local::{
    Host,
    demo::{self, Access},
};

/// The command line.
#[derive(Debug)]
struct Options {
    port: u16,
    data: Option<String>,
    demo: bool,
    stay: bool,
    privileges: Option<String>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let data = Some(".data".to_owned());
        let mut options = Self { port: 8787, data, demo: true, stay: true, privileges: None };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--port" => options.port = value()?.parse().map_err(|_| "--port needs a number")?,
                "--data" => options.data = Some(value()?),
                "--memory" => options.data = None,
                "--no-demo" => options.demo = false,
                "--demo-only" => options.stay = false,
                "--privileges" => options.privileges = Some(value()?),
                _ => return Err(format!("unknown: {argument}")),
            }
        }
        Ok(options)
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
    let options = Options::parse(std::env::args().skip(1))?;
    if let Some(folder) = &options.privileges {
        return privileges(folder);
    }
    let folder = options.data.as_deref();
    let mut access = Access::read_or_make(folder).map_err(|error| chain(&error))?;
    let mut builder = Host::builder()
        .port(options.port)
        .batch_windows(options.stay)
        .open_to_the_world()
        .parameter("AdminKeyHash", &token::hash(&access.owner_key));
    if let Some(folder) = folder {
        builder = builder.data(folder);
    }
    let host = builder.start().await.map_err(|error| chain(&error))?;
    let wrong = show(&host, &options, &mut access).await;
    if options.stay && wrong.is_ok() {
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
    access.keep(options.data.as_deref())?;
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
    let wrong = if options.demo { demo::run(host, access, &mut out).await? } else { 0 };
    access.keep(options.data.as_deref())?;
    if options.stay {
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
