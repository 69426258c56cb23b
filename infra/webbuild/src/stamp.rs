//! The stamp of a build: a hash of everything that it is made of. The pages are up to date as long
//! as it is the same, which takes milliseconds to find out.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{dist, web};

/// The name of its file, which is written last.
pub(crate) const FILE: &str = "stamp.txt";

/// Files outside the web package that a build is made of: the description, the version of Node.js,
/// and the steps after the bundler.
const OTHERS: [&str; 3] =
    ["infra/openapi.yaml", "infra/xtask/requirements-node.txt", "infra/webbuild/finish.mjs"];

/// FNV-1a with 128 bits. A change must be noticed; nobody tries to hide one.
struct Hash(u128);

impl Hash {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

    fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    /// Adds bytes with their length, so that parts cannot run into each other.
    fn add(&mut self, bytes: &[u8]) {
        let length = (bytes.len() as u64).to_be_bytes();
        for byte in length.iter().chain(bytes) {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(Self::PRIME);
        }
    }
}

/// The stamp of the sources as they are now.
pub(crate) fn of(root: &Path) -> Result<String, String> {
    let mut files: Vec<PathBuf> = OTHERS.iter().map(|name| root.join(name)).collect();
    gather(&web(root), &mut files)?;
    files.sort();
    let mut hash = Hash::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file);
        hash.add(name.to_string_lossy().as_bytes());
        hash.add(&fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?);
    }
    Ok(format!("{:032x}\n", hash.0))
}

/// Reports whether the built pages have this stamp.
pub(crate) fn is(root: &Path, stamp: &str) -> bool {
    fs::read_to_string(dist(root).join(FILE)).is_ok_and(|found| found == stamp)
}

/// Adds every source below a folder: no packages, no builds, no made types.
fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let fault = |e: std::io::Error| format!("{}: {e}", folder.display());
    for entry in fs::read_dir(folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_made = name == "node_modules" || name.starts_with("dist") || name == "schema.d.ts";
        if is_made {
            continue;
        }
        if entry.file_type().map_err(fault)?.is_dir() {
            gather(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(name: &str) -> PathBuf {
        let root = std::env::temp_dir().join(format!("webbuild-{name}-{}", std::process::id()));
        for file in OTHERS.iter().copied().chain([
            "functions/console/web/package.json",
            "functions/console/web/src/main.tsx",
            "functions/console/web/src/api/schema.d.ts",
            "functions/console/web/dist/index.html",
            "functions/console/web/node_modules/a/b.js",
        ]) {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        root
    }

    #[test]
    fn a_stamp_changes_with_every_source_and_with_nothing_that_is_made() {
        let root = root("stamp");
        let first = of(&root).unwrap();
        assert_eq!(first.trim().len(), 32);
        for made in ["src/api/schema.d.ts", "dist/index.html", "node_modules/a/b.js"] {
            fs::write(web(&root).join(made), "else").unwrap();
        }
        assert_eq!(of(&root).unwrap(), first);
        let mut seen = vec![first];
        for source in ["infra/openapi.yaml", "functions/console/web/src/main.tsx"] {
            fs::write(root.join(source), "else").unwrap();
            seen.push(of(&root).unwrap());
        }
        fs::rename(web(&root).join("src/main.tsx"), web(&root).join("src/other.tsx")).unwrap();
        seen.push(of(&root).unwrap());
        seen.dedup();
        assert_eq!(seen.len(), 4);
        assert!(!is(&root, &seen[0]));
        fs::write(dist(&root).join(FILE), &seen[3]).unwrap();
        assert!(is(&root, &seen[3]) && !is(&root, &seen[0]));
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn the_hash_is_fnv_1a_of_128_bits() {
        let mut hash = Hash::new();
        hash.add(b"");
        let mut expected = Hash::new().0;
        for _ in 0..8 {
            expected = expected.wrapping_mul(Hash::PRIME);
        }
        assert_eq!(hash.0, expected);
    }
}
