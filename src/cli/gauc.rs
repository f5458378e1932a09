//! `moge gauc`: the metric for scores of any origin.

use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde_json::json;

use crate::metric::{Gauc, GaucReport};
use crate::train::evaluation::TaskScore;
use crate::{Error, ErrorKind, Result};

/// Compute GAUC from a CSV of user, label and score.
///
/// The columns are found by their names in the header. Users may be any text; instances of a user
/// need not be adjacent. Prints JSON: gauc weighs users by their instances and skips users of one
/// class, groups counts the others, and share is the share of the instances in them. gauc and auc are
/// null where they are undefined.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File with the columns user, label (0 or 1) and score.
    file: PathBuf,
}

/// Runs the command.
///
/// # Errors
///
/// When the file cannot be read, or a row is not what it should be.
pub fn run(args: Args) -> Result<()> {
    let report = evaluate(&args.file).map_err(|e| e.in_file(args.file.display()))?;
    println!("{}", json!(TaskScore::from(report)));
    Ok(())
}

/// The metrics of a file; errors carry the line but not the file.
fn evaluate(file: &Path) -> Result<GaucReport> {
    let mut reader = csv::Reader::from_path(file).map_err(|e| unreadable(&e))?;
    let header = reader.headers().map_err(|e| unreadable(&e))?.clone();
    let [user, label, score] = ["user", "label", "score"].map(|name| column(&header, name));
    let (user, label, score) = (user?, label?, score?);

    let (mut users, mut labels, mut scores) = (Vec::new(), Vec::new(), Vec::new());
    let mut row = StringRecord::new();
    while reader.read_record(&mut row).map_err(|e| unreadable(&e))? {
        let line = row.position().map_or(0, csv::Position::line);
        let field = |at: usize| row.get(at).unwrap_or_default().trim();
        let wrong = |name: &str, at: usize, expected: &str| {
            Error::new(
                ErrorKind::Format,
                format!("{name} is {:?}, expected {expected}", field(at)),
                "Remove the row or correct it.",
            )
            .at_line(line)
        };
        labels.push(match field(label) {
            "0" => 0,
            "1" => 1,
            _ => return Err(wrong("label", label, "0 or 1")),
        });
        let number = field(score)
            .parse::<f64>()
            .ok()
            .filter(|value| value.is_finite());
        scores.push(number.ok_or_else(|| wrong("score", score, "a finite number"))?);
        users.push(field(user).to_owned());
    }
    if users.is_empty() {
        return Err(Error::new(
            ErrorKind::Data,
            "there is no row after the header",
            "Give one row per scored instance.",
        ));
    }
    Gauc::new(&users, &labels)?.evaluate(&scores)
}

/// The position of a column.
fn column(header: &StringRecord, name: &str) -> Result<usize> {
    header
        .iter()
        .position(|column| column.trim() == name)
        .ok_or_else(|| {
            Error::new(
                ErrorKind::Format,
                format!(
                    "there is no column {name:?} among {:?}",
                    header.iter().collect::<Vec<_>>()
                ),
                "The first line must name the columns user, label and score.",
            )
            .at_line(1)
        })
}

fn unreadable(error: &csv::Error) -> Error {
    let line = error.position().map(csv::Position::line);
    let found = match error.kind() {
        csv::ErrorKind::Io(e) => Error::new(
            ErrorKind::Io,
            format!("cannot be read ({e})"),
            "Check the path and its permissions.",
        ),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => Error::new(
            ErrorKind::Format,
            format!("the row has {len} fields, the header {expected_len}"),
            "Remove the row or correct it.",
        ),
        _ => Error::new(
            ErrorKind::Format,
            format!("the row cannot be read ({error})"),
            "Save the file as comma-separated text in UTF-8.",
        ),
    };
    match line {
        Some(line) => found.at_line(line),
        None => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Evaluates a file with the given content.
    fn of(name: &str, content: &str) -> Result<GaucReport> {
        let file =
            std::env::temp_dir().join(format!("moge-gauc-{}-{name}.csv", std::process::id()));
        std::fs::write(&file, content).unwrap();
        let report = evaluate(&file);
        std::fs::remove_file(&file).unwrap();
        report
    }

    #[test]
    fn a_file_by_hand() {
        // User a: 1 of 2 pairs in order; user b: 1 of 1; user c has one class.
        let content = "score,user, label\n0.5,a,1\n0.9,b,1\n0.7,a,0\n-1e-3,b,0\n0.1,a,0\n3,c,1\n";
        let report = of("hand", content).unwrap();
        assert_eq!(report.gauc, Some((3.0 * 0.5 + 2.0) / 5.0));
        assert_eq!((report.groups, report.share), (2, 5.0 / 6.0));
        // Positives 0.5, 0.9, 3 against negatives 0.7, -0.001, 0.1: 2 + 3 + 3 of 9.
        assert!((report.auc.unwrap() - 8.0 / 9.0).abs() < 1e-12);
        assert_eq!(
            of("one-class", "user,label,score\na,1,0\nb,1,1\n")
                .unwrap()
                .gauc,
            None
        );
    }

    #[test]
    fn errors_say_where() {
        for (name, content, expected) in [
            (
                "label",
                "user,label,score\na,1,0.5\na,2,0.5\n",
                "line 3: label is \"2\", expected 0 or 1",
            ),
            (
                "nan",
                "user,label,score\na,1,NaN\n",
                "line 2: score is \"NaN\", expected a finite",
            ),
            ("text", "user,label,score\na,1,\n", "line 2: score is \"\""),
            (
                "short",
                "user,label,score\na,1\n",
                "line 2: the row has 2 fields, the header 3",
            ),
            (
                "column",
                "user,label\na,1\n",
                "line 1: there is no column \"score\"",
            ),
            ("empty", "user,label,score\n", "there is no row"),
            ("nothing", "", "line 1: there is no column \"user\""),
        ] {
            let message = of(name, content).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
        let missing = evaluate(Path::new("no/such/file.csv")).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Io);
    }
}
