//! Seconds, bytes and rates in words.

use std::time::Duration;

use crate::text::Time;

/// As a duration; nothing negative or endless.
pub(super) fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

/// `12.3 µs`.
pub(super) fn seconds(seconds: f64) -> String {
    Time(duration(seconds)).to_string()
}

/// `25.0 GB/s`.
pub(super) fn rate(bytes_a_second: f64) -> String {
    match bytes_a_second {
        r if r >= 99.95e9 => format!("{:.0} GB/s", r * 1e-9),
        r if r >= 1e9 => format!("{:.1} GB/s", r * 1e-9),
        r => format!("{:.0} MB/s", r * 1e-6),
    }
}

/// `1 use`, `100 uses`.
pub(super) fn uses(count: f64) -> String {
    if count <= 1.0 { "1 use".into() } else { format!("{count:.0} uses") }
}

/// A number of uses that is a limit, not a count: `1.1`, `60`, `no number of`.
pub(super) fn limit(count: f64) -> String {
    match count {
        c if !c.is_finite() => "no number of".into(),
        c if c < 10.0 => format!("{c:.1}"),
        c => format!("{c:.0}"),
    }
}
