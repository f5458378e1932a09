//! A comparison on paper: CSV with everything, Markdown for people.

use std::fmt::Write;

use super::table::{Cell, LEVEL, RESAMPLES, Table, Verdict, Versus, View};
use crate::data::TASKS;
use crate::train::Config;

/// The columns of the CSV. Wall time is the last: everything before it is the same whenever the same
/// comparison is made again.
const COLUMNS: [&str; 29] = [
    "arm",
    "title",
    "pairs",
    "task",
    "users",
    "gauc_mean",
    "gauc_sd",
    "gauc_by_seed",
    "rela_impr_percent",
    "difference",
    "standard_error",
    "t",
    "p_t",
    "p_t_holm",
    "p_sign_flip",
    "users_low",
    "users_high",
    "p_users",
    "p_users_holm",
    "comparisons",
    "verdict",
    "learning_rate",
    "network_parameters",
    "embedding_parameters",
    "seeds",
    "kept_step_mean",
    "diverged",
    "reference",
    "seconds_mean",
];

/// Every number, one line per arm, population and task. Undefined numbers are empty.
pub fn csv(table: &Table) -> String {
    let mut text = COLUMNS.join(",") + "\n";
    for view in &table.views {
        for (arm, (row, cells)) in table.rows.iter().zip(&view.cells).enumerate() {
            let plan = &table.plan;
            for (task, cell) in TASKS.iter().zip(cells) {
                let versus = cell.versus.as_ref();
                let of = |value: fn(&Versus) -> Option<f64>| number(versus.and_then(value));
                let by_seed: Vec<String> = cell.gauc.iter().map(f64::to_string).collect();
                let line = [
                    plan.arms[arm].name.clone(),
                    plan.arms[arm].title.clone(),
                    view.name.into(),
                    task.name().into(),
                    view.users[*task as usize].to_string(),
                    number(cell.summary.map(|s| s.mean)),
                    number(cell.summary.and_then(|s| s.deviation)),
                    by_seed.join(";"),
                    number(cell.rela_impr),
                    of(|v| Some(v.seeds.mean)),
                    of(|v| v.seeds.standard_error),
                    of(|v| v.seeds.t_test.map(|t| t.t)),
                    of(|v| v.seeds.t_test.map(|t| t.p_value)),
                    of(|v| v.p_seeds),
                    of(|v| Some(v.seeds.p_sign_flip)),
                    of(|v| v.users.map(|u| u.low)),
                    of(|v| v.users.map(|u| u.high)),
                    of(|v| v.users.map(|u| u.p_merged)),
                    of(|v| v.users.map(|u| u.p)),
                    view.comparisons.to_string(),
                    versus.map_or(String::new(), |v| words(v).into()),
                    row.tuning.chosen.to_string(),
                    row.parameters.network.to_string(),
                    row.parameters.tables.to_string(),
                    plan.seeds.to_string(),
                    row.kept_step.to_string(),
                    row.diverged.to_string(),
                    plan.arms[plan.reference].name.clone(),
                    format!("{:.1}", row.seconds),
                ];
                text += &(line.join(",") + "\n");
            }
        }
    }
    text
}

/// The table for people, like the paper's Table 2, with the tests and how to read them.
pub fn markdown(table: &Table) -> String {
    let mut text = format!("# {}\n\n{}\n", table.plan.title, conditions(table));
    for note in &table.plan.notes {
        text += &format!("\n{note}\n");
    }
    for view in &table.views {
        text += &results(table, view);
    }
    text += &costs(table);
    for view in &table.views {
        text += &differences(table, view);
    }
    text + &reading(table)
}

/// The tables of GAUC alone, for the terminal.
pub fn summary(table: &Table) -> String {
    table
        .views
        .iter()
        .map(|view| results(table, view))
        .collect()
}

/// What was done on what.
fn conditions(table: &Table) -> String {
    let (plan, purpose) = (&table.plan, &table.purpose);
    let base = &plan.arms[plan.reference].config;
    let data = &purpose.dataset;
    let synthetic = if data.synthetic { ", synthetic" } else { "" };
    let Config {
        steps,
        evaluate_every,
        patience,
        ..
    } = base;
    let stopping = match patience {
        0 => "no early stopping".into(),
        _ => format!(
            "stopped after {patience} evaluations, one every {evaluate_every} steps, without a better mean \
             validation GAUC"
        ),
    };
    let rates = match &plan.grid[..] {
        [] => format!("Learning rate {} for all.", base.learning_rate),
        grid => {
            let grid: Vec<String> = grid.iter().map(f64::to_string).collect();
            format!(
                "Learning rate chosen for every arm from {} by mean validation GAUC under seed 0, which is not \
                 reported.",
                grid.join(", ")
            )
        }
    };
    format!(
        "Dataset \"{}\"{synthetic} (fingerprint {:.12}). Seeds 1 to {}. The same for all arms: instances, batches and \
         neighbour draws of a seed, batch size {}, at most {steps} steps, {stopping}. {rates} Engine {}.",
        data.name, data.fingerprint, plan.seeds, base.batch, purpose.engine
    )
}

/// One table of GAUC.
fn results(table: &Table, view: &View) -> String {
    let [favourite, purchase] = view.users;
    let mut text = format!(
        "\n## GAUC, {}\n\n{} pairs; {favourite} users count for favourite, {purchase} for purchase.\n\n\
         | | favourite | | RelaImpr | purchase | | RelaImpr |\n|---|---|---|---|---|---|---|\n",
        view.title, view.pairs
    );
    for (arm, cells) in view.cells.iter().enumerate() {
        let [a, b] = cells.each_ref().map(|cell| {
            let rela_impr = cell.rela_impr.map_or("-".into(), |x| format!("{x:+.2} %"));
            format!("{} | {} | {rela_impr}", mean_and_spread(cell), mark(cell))
        });
        let title = &table.plan.arms[arm].title;
        let bold = if table.is_reference(arm) { "**" } else { "" };
        writeln!(text, "| {bold}{title}{bold} | {a} | {b} |").expect("a string can be written");
    }
    text
}

/// Learning rates, sizes and times.
fn costs(table: &Table) -> String {
    let mut text = String::from(
        "\n## Learning rate, size, time\n\n| | learning rate | validation GAUC at each rate | network | embeddings | \
         kept step | diverged | seconds per run |\n|---|---|---|---|---|---|---|---|\n",
    );
    for (arm, row) in table.plan.arms.iter().zip(&table.rows) {
        let tried: Vec<String> = (row.tuning.tried.iter())
            .map(|(rate, gauc)| format!("{rate}: {}", decimals(*gauc)))
            .collect();
        let edge = if row.tuning.at_the_edge() {
            " (edge)"
        } else {
            ""
        };
        let (network, tables) = (row.parameters.network, row.parameters.tables);
        writeln!(
            text,
            "| {} | {}{edge} | {} | {network} | {tables} | {:.0} | {} of {} | {:.1} |",
            arm.title,
            row.tuning.chosen,
            tried.join(", "),
            row.kept_step,
            row.diverged,
            table.plan.seeds,
            row.seconds
        )
        .expect("a string can be written");
    }
    text
}

/// The tests.
fn differences(table: &Table, view: &View) -> String {
    let reference = &table.plan.arms[table.plan.reference].title;
    let mut text = format!(
        "\n## Differences from {reference}, {}\n\n| | task | difference | p over seeds | corrected | sign-flip p | \
         95 % over users | p over users | corrected | verdict |\n|---|---|---|---|---|---|---|---|---|---|\n",
        view.title
    );
    for (arm, cells) in table.plan.arms.iter().zip(&view.cells) {
        for (task, cell) in TASKS.iter().zip(cells) {
            let Some(versus) = &cell.versus else { continue };
            let p = |p: Option<f64>| p.map_or("-".into(), p_value);
            let users = versus.users;
            let interval = users.map_or("-".into(), |u| format!("{:+.4} to {:+.4}", u.low, u.high));
            writeln!(
                text,
                "| {} | {} | {:+.4} | {} | {} | {} | {interval} | {} | {} | {} |",
                arm.title,
                task.name(),
                versus.seeds.mean,
                p(versus.seeds.t_test.map(|t| t.p_value)),
                p(versus.p_seeds),
                p_value(versus.seeds.p_sign_flip),
                p(users.map(|u| u.p_merged)),
                p(users.map(|u| u.p)),
                words(versus)
            )
            .expect("a string can be written");
        }
    }
    text
}

/// How to read it all.
fn reading(table: &Table) -> String {
    let plan = &table.plan;
    let reference = &plan.arms[plan.reference].title;
    let base = match &plan.baselines[..] {
        [one] => plan.arms[*one].title.clone(),
        _ => "the best baseline of the task".into(),
    };
    format!(
        "\n## How to read this\n\n\
         - GAUC is the mean over seeds ± the standard deviation over seeds. RelaImpr is against {base}; it is undefined \
         where that is not above 0.5.\n\
         - Marks compare with {reference}: ▲ significantly better, ▼ significantly worse, ≈ no significant difference, \
         ? not tested (one seed). † after ▲ or ▼: significant over seeds, but not over users.\n\
         - Significant means: the paired t-test over seeds, corrected for all {} differences of the table (Holm), is \
         below {LEVEL}. It asks whether training again would give the same order. The exact sign-flip test beside it \
         makes no assumption, but with n seeds cannot fall below 2^(1-n).\n\
         - Over users: within every seed the test users are drawn again with replacement ({RESAMPLES} times). It asks \
         whether other users would give the same order. Its interval is the seeds' mean; its p-value is twice the \
         mean of the seeds' (valid for any dependence between them), corrected likewise.\n\
         - Seconds are wall time of training with other runs beside it: compare them within this table only, and \
         roughly.\n",
        table.views[0].comparisons
    )
}

fn mean_and_spread(cell: &Cell) -> String {
    let spread = cell.summary.and_then(|s| s.deviation);
    let spread = spread.map_or(String::new(), |sd| format!(" ± {sd:.4}"));
    decimals(cell.summary.map(|s| s.mean)) + &spread
}

/// The difference from the reference as a symbol.
fn mark(cell: &Cell) -> String {
    let Some(versus) = &cell.versus else {
        return String::new();
    };
    let sign = match versus.verdict() {
        Verdict::Better => "▲",
        Verdict::Worse => "▼",
        Verdict::NotSignificant => return "≈".into(),
        Verdict::Untested => return "?".into(),
    };
    let doubt = if versus.holds_over_users() { "" } else { "†" };
    format!("{sign}{doubt}")
}

/// The difference from the reference in words.
fn words(versus: &Versus) -> &'static str {
    match (versus.verdict(), versus.holds_over_users()) {
        (Verdict::Better, true) => "better",
        (Verdict::Better, false) => "better over seeds but not over users",
        (Verdict::Worse, true) => "worse",
        (Verdict::Worse, false) => "worse over seeds but not over users",
        (Verdict::NotSignificant, _) => "not significant",
        (Verdict::Untested, _) => "not tested",
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or(String::new(), |x| x.to_string())
}

fn decimals(value: Option<f64>) -> String {
    value.map_or("undefined".into(), |x| format!("{x:.4}"))
}

/// Three decimals, but never 0.
fn p_value(p: f64) -> String {
    if p < 0.001 {
        "< 0.001".into()
    } else {
        format!("{p:.3}")
    }
}
