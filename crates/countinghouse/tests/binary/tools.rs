//! The time and a folder, for every test here.

use std::path::PathBuf;
use std::time::{Instant, SystemTime};

/// A folder of its own, gone when dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "countinghouse-binary-{}-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed),
            now_s()
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[expect(clippy::disallowed_methods, reason = "tests wait and measure")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Unix seconds: deliveries are signed for the present.
#[expect(clippy::disallowed_methods, reason = "deliveries are signed for the present")]
pub(crate) fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("a time")
}

/// Waits until something is so; generously, since machines differ.
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let from = now();
    while !is_so() {
        assert!(from.elapsed() < std::time::Duration::from_secs(60), "{what}: not within a minute");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
