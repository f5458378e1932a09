//! Counting tests in what the test runners print.

use std::fmt;
use std::ops::AddAssign;

/// How many tests ran, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Counts {
    /// Adds what one line of a runner's output says, if it is a closing line: cargo's
    /// `test result: ...`, Vitest's `Tests  ...`, or `pass`, `fail` and `skipped` of Node.
    pub fn read_line(&mut self, line: &str) {
        let line = line.trim();
        if let Some(result) = line.strip_prefix("test result:") {
            self.read_pairs(result);
        } else if let Some(result) = line.strip_prefix("Tests ") {
            self.read_pairs(result);
        } else if let Some((name, count)) = line
            .strip_prefix("ℹ ")
            .and_then(|line| line.split_once(' '))
            && let Ok(count) = count.parse::<usize>()
        {
            self.add(name, count);
        }
    }

    fn read_pairs(&mut self, text: &str) {
        let words: Vec<&str> = text
            .split([' ', ';', '|', '.'])
            .filter(|w| !w.is_empty())
            .collect();
        for pair in words.windows(2) {
            if let Ok(count) = pair[0].parse() {
                self.add(pair[1], count);
            }
        }
    }

    fn add(&mut self, name: &str, count: usize) {
        match name {
            "passed" | "pass" => self.passed += count,
            "failed" | "fail" | "cancelled" => self.failed += count,
            "ignored" | "skipped" | "todo" => self.skipped += count,
            _ => {}
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn closing_lines_of_the_runners_are_counted() {
        let mut counts = Counts::default();
        for line in [
            "running 14 tests",
            "test result: FAILED. 12 passed; 1 failed; 2 ignored; 0 measured; 5 filtered out; finished in 0.01s",
            " Test Files  2 passed (2)",
            "      Tests  1 failed | 11 passed | 3 skipped (15)",
            "ℹ tests 8",
            "ℹ pass 5",
            "ℹ fail 1",
            "ℹ cancelled 1",
            "ℹ skipped 1",
            "ℹ duration_ms 90.5",
        ] {
            counts.read_line(line);
        }
        assert_eq!(
            counts,
            Counts {
                passed: 28,
                failed: 4,
                skipped: 6
            }
        );
        assert_eq!(counts.to_string(), "28 passed, 4 failed, 6 skipped");
    }
}
