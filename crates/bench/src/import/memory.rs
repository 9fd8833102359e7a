//! How much memory this process has had at most.

/// Begins to look anew; where that cannot be, the peak is of the whole process.
pub(super) fn forget() {
    drop(std::fs::write("/proc/self/clear_refs", "5"));
}

/// The peak since then in bytes; `None` where it cannot be known.
pub(super) fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024)
}
