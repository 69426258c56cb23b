//! The folder of a host's files: a permanent or a temporary one.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use crate::emulator::error::HostError;

/// A folder that this host has locked.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    passing: Option<tempfile::TempDir>,
    _lock: File,
}

impl DataDir {
    /// Opens the folder `data`, or a temporary one, in memory where the system supports it.
    pub(crate) fn open(data: Option<&Path>) -> Result<Self, HostError> {
        let passing = if data.is_none() { Some(passing()?) } else { None };
        let path = match (&passing, data) {
            (Some(folder), _) => folder.path().to_owned(),
            (None, Some(path)) => path.to_owned(),
            (None, None) => PathBuf::new(),
        };
        fs::create_dir_all(&path)
            .map_err(HostError::io(format!("the folder {}", path.display())))?;
        let lock = lock(&path)?;
        Ok(Self { path, passing, _lock: lock })
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// `true` if it outlives the host.
    pub(crate) fn stays(&self) -> bool {
        self.passing.is_none()
    }

    /// Removes a temporary folder.
    pub(crate) fn release(&mut self) {
        if let Some(folder) = self.passing.take() {
            _ = folder.close();
        }
    }
}

fn passing() -> Result<tempfile::TempDir, HostError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("gancho-");
    let memory = builder.tempdir_in("/dev/shm");
    memory.or_else(|_| builder.tempdir()).map_err(HostError::io("a passing folder"))
}

/// Locks the folder: two hosts on one folder would each miss the other's changes.
fn lock(path: &Path) -> Result<File, HostError> {
    let file = path.join("lock");
    let what = || HostError::io(format!("the lock {}", file.display()));
    let lock = File::create(&file).map_err(what())?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let text = "another host is running on this folder";
            Err(what()(std::io::Error::new(std::io::ErrorKind::ResourceBusy, text)))
        }
        Err(TryLockError::Error(error)) => Err(what()(error)),
    }
}
