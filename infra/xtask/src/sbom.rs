//! What a deployment is made of: a `CycloneDX` list for each function, in `target/sbom`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::shell::{run, say};
use crate::sizes;
use crate::tools::{Tool, program};

const CYCLONEDX: Tool = Tool { name: "cargo-cyclonedx", version: "0.5.9" };
/// What a function is deployed to.
const TARGET: &str = "aarch64-unknown-linux-gnu";

pub(crate) fn write(root: &Path) -> Result<(), String> {
    let program = program(root, &CYCLONEDX)?;
    let folder = root.join("target/sbom");
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for name in sizes::functions(root)? {
        let own = root.join("functions").join(&name);
        let mut list = Command::new(&program);
        list.current_dir(root).args(["cyclonedx", "--quiet", "--format", "json"]);
        list.args(["--spec-version", "1.5", "--target", TARGET, "--no-build-deps"]);
        run(list.arg("--manifest-path").arg(own.join("Cargo.toml")))?;
        // It writes beside the manifest.
        let (from, to) = (own.join(format!("{name}.cdx.json")), format!("{name}.cdx.json"));
        fs::rename(&from, folder.join(&to)).map_err(|e| format!("{}: {e}", from.display()))?;
        say(&format!("target/sbom/{to}"));
    }
    Ok(())
}
