//! `moge stats`: what datasets and raw logs hold, side by side.

use std::path::{Path, PathBuf};

use super::prepare::open;
use crate::data::{
    Dataset, Distribution, InfoReader, LogReader, LogStatistics, LogStatisticsBuilder, Statistics,
    Windows,
};
use crate::error::thousands;
use crate::{Error, ErrorKind, Result};

/// Arguments of `moge stats`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Datasets (a folder or a .moge file) or raw logs (user_log_format1.csv, plain or gzip), one
    /// column each. Distributions are given by their mean; 25th / 50th / 75th / 90th / 99th percentile /
    /// maximum; Gini coefficient; mean, standard deviation of the logarithm; share of the top tenth.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The user table, where the only path is a raw log.
    #[arg(long, value_name = "FILE")]
    info: Option<PathBuf>,
    /// Print everything as JSON, the histograms of the long tails included.
    #[arg(long)]
    json: bool,
}

/// What one path holds.
enum Holding {
    Dataset(Box<Statistics>),
    Log(Box<LogStatistics>),
}

/// Runs `moge stats`.
pub fn run(args: Args) -> Result<()> {
    let info = args.info.as_deref();
    if info.is_some() && args.paths.len() > 1 {
        return Err(Error::new(
            ErrorKind::Config,
            "--info belongs to one log, and there are several paths",
            "Give the log alone.",
        ));
    }
    let holdings: Vec<Holding> = args
        .paths
        .iter()
        .map(|path| read(path, info))
        .collect::<Result<_>>()?;
    if args.json {
        for holding in &holdings {
            println!("{}", json(holding)?);
        }
        return Ok(());
    }
    let mut columns = Vec::new();
    for (path, holding) in args.paths.iter().zip(&holdings) {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        let rows = match holding {
            Holding::Dataset(statistics) => dataset_rows(statistics),
            Holding::Log(statistics) => log_rows(statistics),
        };
        columns.push((name, rows));
    }
    print!("{}", table(&columns));
    Ok(())
}

fn read(path: &Path, info: Option<&Path>) -> Result<Holding> {
    if path.is_dir()
        || path
            .extension()
            .is_some_and(|extension| extension == "moge")
    {
        return Ok(Holding::Dataset(Box::new(Statistics::of(&Dataset::load(
            path,
        )?))));
    }
    let mut builder = LogStatisticsBuilder::new(Windows::default());
    for row in LogReader::new(path.display().to_string(), open(path)?)? {
        builder.push(&row?)?;
    }
    if let Some(info) = info {
        for user in InfoReader::new(info.display().to_string(), open(info)?)? {
            builder.push_info(user?);
        }
    }
    Ok(Holding::Log(Box::new(builder.finish())))
}

fn json(holding: &Holding) -> Result<String> {
    match holding {
        Holding::Dataset(statistics) => serde_json::to_string_pretty(statistics),
        Holding::Log(statistics) => serde_json::to_string_pretty(statistics),
    }
    .map_err(|e| {
        let what = format!("the statistics cannot be written as JSON ({e})");
        Error::new(ErrorKind::Format, what, "Leave out --json.")
    })
}

type Rows = Vec<(String, String)>;

/// A Markdown table: one row per label, in order of first appearance, and one column per path.
fn table(columns: &[(String, Rows)]) -> String {
    let mut labels: Vec<&str> = Vec::new();
    for (label, _) in columns.iter().flat_map(|(_, rows)| rows) {
        if !labels.contains(&label.as_str()) {
            labels.push(label);
        }
    }
    let find = |rows: &Rows, label: &str| {
        rows.iter()
            .find(|(l, _)| l == label)
            .map_or(String::new(), |(_, value)| value.clone())
    };
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let mut out = format!(
        "| | {} |\n|---|{}\n",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    for label in labels {
        let values: Vec<String> = columns.iter().map(|(_, rows)| find(rows, label)).collect();
        out += &format!("| {label} | {} |\n", values.join(" | "));
    }
    out
}

fn log_rows(statistics: &LogStatistics) -> Rows {
    let mut rows = Vec::new();
    let mut add = |label: &str, value: String| rows.push((label.to_string(), value));
    let total: u64 = statistics.rows.iter().sum();
    add("rows", thousands(total));
    add(
        "users, items",
        format!(
            "{}, {}",
            thousands(statistics.users),
            thousands(statistics.items)
        ),
    );
    add(
        "click, cart, purchase, favourite: % of rows",
        shares(&statistics.rows),
    );
    if statistics.ages.iter().sum::<u64>() > 0 {
        add("age range 0 to 8: % of users", shares(&statistics.ages));
        add(
            "gender unknown, female, male: % of users",
            shares(&statistics.genders),
        );
    }
    for (name, distribution) in &statistics.distributions {
        add(name, describe(distribution));
    }
    for (task, spread) in ["favourites", "purchases"]
        .iter()
        .zip(&statistics.graph_per_user)
    {
        let (mean, variance, none) = (spread.mean, spread.variance, 100.0 * spread.none);
        add(
            &format!("{task} per user in the graph window: mean, variance, none"),
            format!("{mean:.2}, {variance:.1}, {none:.0} %"),
        );
    }
    add(
        "users who never mark a favourite",
        percent(statistics.never_favourite),
    );
    let correlation = |r: Option<f64>| r.map_or("none".into(), |r| format!("{r:.2}"));
    add(
        "Spearman of favourites and purchases over items, over users",
        statistics.rank_correlation.map(correlation).join(", "),
    );
    for (name, value) in &statistics.overlaps {
        add(name, format!("{value:.3}"));
    }
    add(
        "favourite bought before, same day, later",
        statistics.lag.map(percent).join(", "),
    );
    let [median, ninetieth] = statistics.lag_days;
    add(
        "lag of the later ones: median, 90th percentile",
        format!("{median}, {ninetieth} days"),
    );
    for (name, window) in ["graph", "train", "test"].iter().zip(&statistics.windows) {
        let [favourites, purchases] = window.pairs.map(thousands);
        add(
            &format!("{name} window {}: favourite, purchase pairs", window.window),
            format!("{favourites}, {purchases}"),
        );
        add(
            &format!("{name} window: P(purchase given favourite)"),
            format!("{:.3}", window.purchased_given_favourite),
        );
        if *name != "graph" {
            add(
                &format!("{name} window: favourites, purchases with user and item in G"),
                window.in_graph.map(percent).join(", "),
            );
        }
    }
    rows
}

fn dataset_rows(statistics: &Statistics) -> Rows {
    let mut rows = Vec::new();
    let mut add = |label: &str, value: String| rows.push((label.to_string(), value));
    add("name", statistics.name.clone());
    add(
        "synthetic",
        if statistics.synthetic { "yes" } else { "no" }.into(),
    );
    add("provenance", statistics.provenance.clone());
    add("windows: graph, train, test", statistics.windows.join(", "));
    for (label, value) in [
        ("users", statistics.users),
        ("items", statistics.items),
        ("merchants", statistics.merchants),
        ("categories", statistics.categories),
        ("brands", statistics.brands),
        ("edges of G", statistics.edges),
        ("instances", statistics.instances),
    ] {
        add(label, thousands(value));
    }
    add(
        "users, items with an id of their own",
        statistics.known.map(thousands).join(", "),
    );
    add(
        "users, items without features",
        statistics.without_features.map(thousands).join(", "),
    );
    for degrees in &statistics.degrees {
        add(
            &format!("edges of G per {}", degrees.of),
            describe(&degrees.degrees),
        );
    }
    for window in &statistics.windows_statistics {
        let name = window.name;
        add(&format!("{name}: instances"), thousands(window.instances));
        if window.sampled > 0 {
            add(
                &format!("{name}: sampled negatives"),
                thousands(window.sampled),
            );
        }
        add(
            &format!("{name}: users, items"),
            format!("{}, {}", thousands(window.users), thousands(window.items)),
        );
        add(
            &format!("{name}: cold users, cold items"),
            [window.cold_users, window.cold_items]
                .map(percent)
                .join(", "),
        );
        add(
            &format!("{name}: P(purchase given favourite), P(favourite given purchase)"),
            format!(
                "{:.3}, {:.3}",
                window.purchased_given_favourite, window.favourite_given_purchased
            ),
        );
        for task in &window.tasks {
            add(
                &format!("{name}: {} positives, of these in G", task.task),
                format!(
                    "{}, {}",
                    thousands(task.positives),
                    percent(task.positives_in_graph)
                ),
            );
            add(
                &format!("{name}: {} valid groups, share of instances", task.task),
                format!(
                    "{}, {}",
                    thousands(task.valid_groups),
                    percent(task.share_in_valid_groups)
                ),
            );
        }
    }
    add("fingerprint", statistics.fingerprint.clone());
    rows
}

/// Mean; quantiles; Gini coefficient; mu and sigma of the lognormal; share of the top tenth.
fn describe(distribution: &Distribution) -> String {
    if distribution.n == 0 {
        return "none".into();
    }
    let quantiles = distribution.quantiles.map(|q| q.to_string()).join(" / ");
    format!(
        "{:.2}; {quantiles}; Gini {:.3}; {:.2}, {:.2}; {:.2}",
        distribution.mean,
        distribution.gini,
        distribution.log_mean,
        distribution.log_sigma,
        distribution.top_tenth
    )
}

fn shares(counts: &[u64]) -> String {
    let total = counts.iter().sum::<u64>().max(1) as f64;
    let shares: Vec<String> = counts
        .iter()
        .map(|&count| format!("{:.1}", 100.0 * count as f64 / total))
        .collect();
    shares.join(", ")
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}
