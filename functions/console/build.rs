//! Embeds the built pages (`web/dist`) in release builds: the compressed files below `assets`, and
//! `index.html` as it is. Other builds embed nothing; they read a folder (`CONSOLE_ASSETS`).

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

const MISSING: &str =
    "functions/console/web/dist is missing or incomplete: run `cargo xtask console` first";

#[expect(clippy::disallowed_methods, reason = "cargo passes its settings in the environment")]
fn variable(name: &str) -> PathBuf {
    PathBuf::from(env::var(name).unwrap_or_default())
}

fn main() -> ExitCode {
    let dist = variable("CARGO_MANIFEST_DIR").join("web/dist");
    let is_release = variable("PROFILE") == Path::new("release");
    println!("cargo::rerun-if-changed=build.rs");
    let code = if is_release {
        println!("cargo::rerun-if-changed={}", dist.join("stamp.txt").display());
        embedded(&dist)
    } else {
        Some("None".to_owned())
    };
    let written =
        code.and_then(|code| fs::write(variable("OUT_DIR").join("embedded.rs"), code).ok());
    if written.is_none() {
        println!("cargo::error={MISSING}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The expression of the embedded files. `None` if the folder is not a whole build.
fn embedded(dist: &Path) -> Option<String> {
    // The stamp is written last.
    fs::metadata(dist.join("stamp.txt")).ok()?;
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(dist.join("assets")).ok()? {
        let name = entry.ok()?.file_name().into_string().ok()?;
        names.extend(name.strip_suffix(".br").map(str::to_owned));
    }
    names.sort();
    let bytes = |path: PathBuf| format!("include_bytes!({:?})", path.display().to_string());
    let packed = names.iter().map(|name| {
        let file = |ending: &str| bytes(dist.join("assets").join(format!("{name}.{ending}")));
        format!("({name:?}, Packed {{ brotli: {}, gzip: {} }}),", file("br"), file("gz"))
    });
    let assets: String = packed.collect();
    let index = dist.join("index.html").display().to_string();
    Some(format!("Some(Embedded {{ index: include_str!({index:?}), assets: &[{assets}] }})"))
}
