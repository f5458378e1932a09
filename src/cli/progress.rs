//! Progress bars with the time that is left.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of a length, named, with its position shown as in `position`.
pub(super) fn of(length: u64, name: impl Into<String>, position: &str) -> ProgressBar {
    let template = format!("{{msg}} {{wide_bar}} {position}, {{eta}} left");
    let style = ProgressStyle::with_template(&template);
    ProgressBar::new(length)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(name.into())
}
