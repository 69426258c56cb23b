//! The built pages: those in the binary, or the folder of the setting `CONSOLE_ASSETS`.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of the binary in two encodings.
#[derive(Debug)]
struct Packed {
    brotli: &'static [u8],
    gzip: &'static [u8],
}

/// The pages of the binary.
#[derive(Debug)]
struct Embedded {
    index: &'static str,
    assets: &'static [(&'static str, Packed)],
}

/// Made by build.rs; `None` except in release builds.
const EMBEDDED: Option<Embedded> = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The source of the pages.
#[derive(Debug, Clone)]
pub(crate) struct Dist {
    folder: Option<PathBuf>,
    build: Option<PathBuf>,
}

/// An encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
}

/// The state of the pages.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Index {
    /// `index.html`.
    Ready(String),
    /// The step under way.
    Building(String),
    /// The reason that there are none.
    Missing(String),
}

impl Dist {
    /// Pages from a folder, and the file with the state of their build.
    pub(crate) fn new(folder: Option<String>, build: Option<String>) -> Self {
        Self { folder: folder.map(PathBuf::from), build: build.map(PathBuf::from) }
    }

    /// `index.html`, or the reason that it is not there yet.
    pub(crate) fn index(&self) -> Index {
        let Some(folder) = &self.folder else {
            let index = EMBEDDED.as_ref().map(|embedded| embedded.index.to_owned());
            return index.map_or_else(|| Index::Missing(String::new()), Index::Ready);
        };
        match self.build_state() {
            Some((false, step)) => Index::Building(step),
            // After a build that failed the pages can have been built by the command that the page names.
            state => match fs::read_to_string(folder.join("index.html")) {
                Ok(index) => Index::Ready(index),
                Err(_) => Index::Missing(state.map(|(_, reason)| reason).unwrap_or_default()),
            },
        }
    }

    /// The state that the local host wrote: true and the reason of a failure, or the step.
    fn build_state(&self) -> Option<(bool, String)> {
        let text = fs::read_to_string(self.build.as_deref()?).ok()?;
        let (word, rest) = text.split_once('\n')?;
        Some((word == "failed", rest.trim().to_owned()))
    }

    /// A file below `assets` in an encoding. `None` if there is no file of that name.
    pub(crate) fn asset(&self, name: &str, encoding: Encoding) -> Option<Vec<u8>> {
        if !is_plain(name) {
            return None;
        }
        match &self.folder {
            Some(folder) => read(folder, name, encoding),
            None => embedded(name, encoding),
        }
    }
}

fn embedded(name: &str, encoding: Encoding) -> Option<Vec<u8>> {
    let assets = EMBEDDED.as_ref()?.assets;
    let (_, packed) = assets.iter().find(|(known, _)| *known == name)?;
    let bytes = match encoding {
        Encoding::Brotli => packed.brotli,
        Encoding::Gzip => packed.gzip,
    };
    Some(bytes.to_vec())
}

fn read(folder: &Path, name: &str, encoding: Encoding) -> Option<Vec<u8>> {
    let ending = match encoding {
        Encoding::Brotli => "br",
        Encoding::Gzip => "gz",
    };
    fs::read(folder.join("assets").join(format!("{name}.{ending}"))).ok()
}

/// A name of one file, not of a folder above.
fn is_plain(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_folder_itself_are_read() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("assets")).unwrap();
        fs::write(home.path().join("secret.br"), "no").unwrap();
        fs::write(home.path().join("assets/a-1_b.js.br"), "yes").unwrap();
        let dist = Dist::new(Some(home.path().display().to_string()), None);
        assert_eq!(dist.asset("a-1_b.js", Encoding::Brotli).unwrap(), b"yes");
        for name in ["", "..", "../secret", "..%2fsecret", "a-1_b.js/", "/etc/passwd", "b.js"] {
            assert_eq!(dist.asset(name, Encoding::Brotli), None, "{name}");
        }
    }

    #[test]
    fn a_build_under_way_goes_before_an_older_page_and_a_failed_one_does_not() {
        let home = tempfile::tempdir().unwrap();
        let build = home.path().join("build");
        let text = |path: &Path| Some(path.display().to_string());
        let dist = Dist::new(text(home.path()), text(&build));
        assert_eq!(dist.index(), Index::Missing(String::new()));
        fs::write(home.path().join("index.html"), "<html>").unwrap();
        assert_eq!(dist.index(), Index::Ready("<html>".to_owned()));
        fs::write(&build, "building\nnpm ci").unwrap();
        assert_eq!(dist.index(), Index::Building("npm ci".to_owned()));
        fs::write(&build, "failed\nno network\n").unwrap();
        assert_eq!(dist.index(), Index::Ready("<html>".to_owned()));
        fs::remove_file(home.path().join("index.html")).unwrap();
        assert_eq!(dist.index(), Index::Missing("no network".to_owned()));
    }
}
