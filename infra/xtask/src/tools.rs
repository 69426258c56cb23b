//! Tools in Rust without a prebuilt binary, each compiled one time into `target/tools`.

use std::path::{Path, PathBuf};

use crate::shell::{command, run, say};

/// A tool of the registry.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

/// The program of a tool; compiles it unless this version exists.
pub(crate) fn program(root: &Path, tool: &Tool) -> Result<PathBuf, String> {
    let Tool { name, version } = tool;
    let tools = root.join("target/tools");
    let home = tools.join(format!("{name}-{version}"));
    let program = home.join("bin").join(name);
    if program.exists() {
        return Ok(program);
    }
    say(&format!("    compiling {name} {version}, once, into {}", home.display()));
    // Without optimisation: compiling it takes far longer than running it.
    let mut install = command(root, "cargo install --quiet --locked --debug");
    install.arg(format!("{name}@{version}"));
    install.arg("--root").arg(&home).arg("--target-dir").arg(tools.join("build"));
    run(install.env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    Ok(program)
}
