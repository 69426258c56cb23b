//! `cargo run -p local`: the whole deployment on this machine.
//!
//! `--port N` (8787), `--data FOLDER` (`.data`), `--memory` keeps nothing.

use std::{io::Write, process::ExitCode};

use local::Host;

/// What the command line says.
#[derive(Debug)]
struct Options {
    port: u16,
    data: Option<String>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self { port: 8787, data: Some(".data".to_owned()) };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--port" => options.port = value()?.parse().map_err(|_| "--port needs a number")?,
                "--data" => options.data = Some(value()?),
                "--memory" => options.data = None,
                _ => return Err(format!("unknown: {argument}")),
            }
        }
        Ok(options)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,dynoxide=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let options = Options::parse(std::env::args().skip(1))?;
    let mut builder = Host::builder().port(options.port).batch_windows(true);
    if let Some(folder) = &options.data {
        builder = builder.data(folder);
    }
    let host = builder.start().await.map_err(|error| chain(&error))?;
    let mut out = std::io::stdout();
    writeln!(out, "Gancho listens on {}", host.base_url()).map_err(|error| error.to_string())?;
    stopped().await?;
    host.shutdown().await;
    Ok(())
}

/// Returns on Ctrl-C or a polite kill.
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
