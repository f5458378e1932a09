//! The most memory that this process has held.

/// MiB; none where the system does not say.
#[cfg(not(target_family = "wasm"))]
pub fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// MiB of WebAssembly memory, which never shrinks.
#[cfg(target_family = "wasm")]
pub fn peak_mib() -> Option<f64> {
    const PAGES_PER_MIB: f64 = 16.0;
    Some(core::arch::wasm32::memory_size(0) as f64 / PAGES_PER_MIB)
}
