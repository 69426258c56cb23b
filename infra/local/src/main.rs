//! `cargo run -p local`: the whole deployment on this machine, with a demo of it. `--help` lists the
//! options.

use std::{
    io::Write,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use clap::Parser;
use gancho_domain::common::{secret::Secret, token};
use gancho_edge::ids::Ids;
use local::{
    Builder, Host,
    access::{Access, WORKSPACE},
    console_build::ConsoleBuild,
    demo::DemoError,
};

/// Runs Gancho on this machine and shows a demo of it.
#[derive(Debug, Parser)]
#[command(name = "local")]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
struct Options {
    /// The port to listen on; 0 takes any free port.
    #[arg(long, value_name = "N", default_value_t = 8787)]
    port: u16,
    /// The folder of the data.
    #[arg(long, value_name = "FOLDER", default_value = ".data")]
    data: PathBuf,
    /// Stores nothing on disk.
    #[arg(long, conflicts_with = "data")]
    memory: bool,
    /// Runs each function as N processes that share nothing in memory, as Lambda may.
    #[arg(long, value_name = "N", default_value_t = NonZeroUsize::MIN)]
    processes: NonZeroUsize,
    /// Starts without the demo.
    #[arg(long, conflicts_with = "demo_only")]
    no_demo: bool,
    /// Exits after the demo; fails if a step failed.
    #[arg(long)]
    demo_only: bool,
    /// Removes the demo's workspace with all its data, and exits; the next start makes it anew.
    #[arg(long, conflicts_with_all = ["memory", "no_demo", "demo_only"])]
    remove_demo: bool,
    /// Opens the console in the browser, signed in.
    #[arg(long, conflicts_with = "demo_only")]
    open: bool,
    /// Does not build the pages of the console; those that exist are served.
    #[arg(long)]
    no_console: bool,
    /// Starts nothing: compares the calls recorded in this folder with the roles.
    #[arg(long, value_name = "FOLDER")]
    privileges: Option<PathBuf>,
}

impl Options {
    /// The folder of the data, if data is stored.
    fn folder(&self) -> Option<&Path> {
        (!self.memory).then_some(self.data.as_path())
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
    if options.remove_demo {
        return remove_demo(&options.data).await;
    }
    let mut access = Access::read_or_make(options.folder()).map_err(|error| chain(&error))?;
    let link = token::random(&Ids.secret());
    let builder = builder(&access, options.folder()).port(options.port).console_link(&link);
    let builder = builder.batch_windows(!options.demo_only).open_to_the_world();
    let builder = builder.processes(options.processes);
    let build = ConsoleBuild::new().map_err(|error| chain(&error))?;
    let host = builder.console_build(build.file()).start().await;
    let host = host.map_err(|error| chain(&error))?;
    if !options.no_console && !options.demo_only {
        build.begin();
    }
    let wrong = show(&host, &options, &mut access, &link).await;
    if !options.demo_only && wrong.is_ok() {
        stopped().await?;
    }
    host.shutdown().await;
    wrong.map_err(|error| chain(&error))
}

fn builder(access: &Access, folder: Option<&Path>) -> Builder {
    let builder = Host::builder().parameter("AdminKeyHash", &token::hash(&access.owner_key));
    match folder {
        Some(folder) => builder.data(folder),
        None => builder,
    }
}

fn privileges(folder: &Path) -> Result<usize, String> {
    let wrong = local::privileges::check(folder).map_err(|error| chain(&error))?;
    for line in &wrong {
        writeln!(std::io::stderr(), "{line}").map_err(|error| error.to_string())?;
    }
    Ok(wrong.len())
}

/// Removes the demo from a data folder.
async fn remove_demo(folder: &Path) -> Result<usize, String> {
    let access = Access::read(folder).map_err(|error| chain(&error))?;
    let Some(mut access) = access.filter(|it| it.demo.is_some() || it.has_earlier_demo()) else {
        return Err(format!("{} holds no demo", folder.display()));
    };
    let earlier = access.has_earlier_demo();
    // No function is at work while rows are deleted.
    let host = builder(&access, Some(folder)).event_sources(false).start().await;
    let host = host.map_err(|error| chain(&error))?;
    let removed = access.remove_demo(&host, Some(folder)).await.map_err(|error| chain(&error))?;
    access.write_env(Some(folder), &host).map_err(|error| chain(&error))?;
    host.shutdown().await;
    let mut out = std::io::stdout();
    let mut lines =
        vec![format!("The demo is removed: {removed} rows of its workspace are deleted.")];
    if earlier {
        lines.push(
            "An earlier version made its demo in your own workspace: its rules, endpoints and \
             integrations are deleted there. Its history expires by TTL (three months), its \
             contacts and deals stay."
                .to_owned(),
        );
    }
    writeln!(out, "{}", lines.join("\n")).map_err(|error| error.to_string())?;
    Ok(0)
}

async fn show(
    host: &Host,
    options: &Options,
    access: &mut Access,
    link: &Secret,
) -> Result<usize, DemoError> {
    let mut out = std::io::stdout();
    access.prepare(host, !options.no_demo, options.folder()).await?;
    access.write_env(options.folder(), host)?;
    // The code is in the fragment, which reaches no server and no log.
    let console = format!("{}/console/#entrar={}", host.base_url(), link.expose());
    writeln!(out, "console: {console}")?;
    if options.open {
        open(&console);
    }
    introduce(host, options, access, &mut out)?;
    let wrong = match &mut access.demo {
        Some(demo) if !options.no_demo => demo.run(host, &mut out).await?,
        _ => 0,
    };
    access.keep(options.folder())?;
    if !options.demo_only {
        writeln!(out, "Ctrl-C stops.")?;
    }
    out.flush()?;
    Ok(wrong)
}

/// Prints the addresses and the keys, the owner key last.
fn introduce(
    host: &Host,
    options: &Options,
    access: &Access,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let base = host.base_url();
    writeln!(out, "Gancho listens on {base}\n\nbase-url: {base}")?;
    writeln!(out, "inbox-url: {}", host.inbox().url("inbox", "/"))?;
    writeln!(out, "inbox: {base}/_local/inbox  mailbox: {base}/_local/mailbox\n")?;
    writeln!(out, "KEY, an admin key of your workspace \"{WORKSPACE}\", which starts empty:")?;
    writeln!(out, "api-key: {}", access.api_key.as_deref().unwrap_or_default())?;
    writeln!(out, "workspace: {}\n", access.workspace.as_deref().unwrap_or_default())?;
    if access.has_earlier_demo() {
        let earlier = "an earlier version made its demo in this workspace, and its rules act on \
                       your deals; --remove-demo removes them";
        writeln!(out, "note: {earlier}\n")?;
    }
    if let Some(demo) = &access.demo {
        writeln!(out, "DEMO_KEY, an admin key of the demo's own workspace \"Demo\":")?;
        writeln!(out, "demo-api-key: {}\ndemo-workspace: {}", demo.api_key, demo.workspace)?;
        for (application, inbound) in &demo.integrations {
            writeln!(out, "demo-ingest-url {application}: {}", inbound.url)?;
        }
        writeln!(out)?;
    }
    if let Some(folder) = options.folder() {
        let file = Access::env_file(folder);
        writeln!(out, "To set BASE, KEY, DEMO_KEY and INBOX in a shell:  . {}\n", file.display())?;
    }
    writeln!(out, "The owner key creates workspaces; nothing else needs it:")?;
    writeln!(out, "owner-key: {}\n", access.owner_key)?;
    out.flush()
}

/// Opens an address in the person's browser. Without one the printed address stays.
fn open(address: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(program);
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if command.spawn().is_err() {
        _ = writeln!(std::io::stderr(), "--open: there is no {program}; open the address yourself");
    }
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
