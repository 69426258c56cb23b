//! The components of a deployment: a `CycloneDX` list for each function, in `target/sbom`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{run, say};
use crate::sizes;
use crate::tools::{Tool, program};

const CYCLONEDX: Tool = Tool { name: "cargo-cyclonedx", version: "0.5.9" };
/// The deployed target.
const TARGET: &str = "aarch64-unknown-linux-gnu";
/// The ending of the tool's file names.
const ENDING: &str = ".cdx.json";
/// The folders of the workspace's crates.
const CRATES: [&str; 5] = ["functions", "shared", "infra", "infra/bench", "."];

pub(crate) fn write(root: &Path) -> Result<(), String> {
    let program = program(root, &CYCLONEDX)?;
    let mut list = Command::new(&program);
    list.current_dir(root).args(["cyclonedx", "--quiet", "--format", "json"]);
    run(list.args(["--spec-version", "1.5", "--target", TARGET, "--no-build-deps"]))?;
    let folder = root.join("target/sbom");
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let functions = sizes::functions(root)?;
    for file in written(root) {
        // The tool writes one beside every manifest of the workspace; only functions are deployed.
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if functions.iter().any(|function| format!("{function}{ENDING}") == name) {
            fs::rename(&file, folder.join(&name)).map_err(|e| format!("{name}: {e}"))?;
            say(&format!("target/sbom/{name}"));
        } else {
            fs::remove_file(&file).map_err(|e| format!("{name}: {e}"))?;
        }
    }
    Ok(())
}

/// The lists beside manifests.
fn written(root: &Path) -> Vec<PathBuf> {
    let entries = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten();
    let crates = CRATES.iter().flat_map(|parent| entries(root.join(parent)));
    let files = crates.flat_map(|own| entries(own.path()));
    let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(ENDING));
    files.sort();
    files
}
