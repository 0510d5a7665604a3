//! Ctrl-C: no half-written file stays behind, under whatever name.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// What a shell gives a program that an interrupt ended: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

/// Files and folders that are being written.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on an interrupt removes the files that are being written before it ends the program.
fn watch() {
    // Where it cannot be watched for, the system ends the program as it always did.
    let _ = ctrlc::set_handler(|| {
        // The lock is never let go: nothing may be finished any more.
        let files = unfinished();
        for file in files.iter() {
            if std::fs::remove_file(file).is_err() {
                let _ = std::fs::remove_dir_all(file);
            }
        }
        std::process::exit(INTERRUPTED);
    });
}

/// Begins a file.
pub(super) fn begin(file: &Path) {
    static WATCH: Once = Once::new();
    WATCH.call_once(watch);
    unfinished().push(file.to_owned());
}

/// Ends a file by `finish`, which an interrupt either precedes or follows.
pub(super) fn end<T>(file: &Path, finish: impl FnOnce() -> T) -> T {
    let mut files = unfinished();
    let done = finish();
    files.retain(|other| other != file);
    done
}
