//! Lists `src/inbound/applications/catalogue/*.json`, so that adding an application is adding one file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const CATALOGUE: &str = "src/inbound/applications/catalogue";

fn main() -> io::Result<()> {
    let mut out = io::stdout();
    io::Write::write_fmt(&mut out, format_args!("cargo:rerun-if-changed={CATALOGUE}\n"))?;
    let folder = |name| {
        let missing = || io::Error::other(format!("cargo sets {name}"));
        env::var_os(name).map(PathBuf::from).ok_or_else(missing)
    };
    let list = listed(&folder("CARGO_MANIFEST_DIR")?.join(CATALOGUE))?;
    fs::write(folder("OUT_DIR")?.join("catalogue.rs"), list)
}

/// A slice of `(file stem, text)`, by name.
fn listed(catalogue: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(catalogue)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("json")) {
            files.push(path);
        }
    }
    files.sort();
    let line = |path: &PathBuf| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        format!("({stem:?}, include_str!({:?})),", path.to_string_lossy())
    };
    Ok(format!("&[{}]", files.iter().map(line).collect::<String>()))
}
