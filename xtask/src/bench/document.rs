//! `docs/performance.md` from what was measured. What people write between its markers stays.

use std::fmt::Write;

use serde_json::Value;

const BEGIN: &str = "<!-- written by hand: `cargo xtask bench` keeps what stands from here -->";
const END: &str = "<!-- to here -->";

/// The document of a measurement; `before` is the document as it was.
pub fn render(found: &Value, before: &str) -> String {
    let machine = &found["machine"];
    let say = |name: &str| machine[name].as_str().unwrap_or("unknown").to_owned();
    let mut text = format!(
        "# How fast a training step is\n\n\
         Written by `cargo xtask bench --peer` from [performance.json](performance.json); every number of the tables was \
         measured in one run on one machine: {}, {} cores; {}; {}; commit {}, {}.\n\n\
         A step is one of MoGE at the demo preset (256 pairs, fan-out 8 and 4, d = 64) on a synthetic dataset of \
         3,000 users, 8,000 items and 60,000 edges with log-normal degrees. Times are medians of 50 steps after 5, in \
         milliseconds. *GFLOP/s* is the step's matrix products, forward and backward, counted from its blocks at two \
         operations per multiply-add, over the whole step's time; *alone* is the rate of the same products without \
         anything else, on the same engine in the same process; *share* is the ratio of both. The *stock* form \
         uses burn's operations alone, the *own* form those of `src/op`.\n\n",
        say("processor"),
        machine["cores"],
        say("browser"),
        say("rust"),
        say("commit"),
        say("date"),
    );
    section(&mut text, "The aims", &aims(found));
    section(&mut text, "Native", &steps(all(&found["native"])));
    section(&mut text, "In Chromium", &steps(all(&found["wasm"])));
    section(&mut text, "Beside PyTorch", &peer(&found["peer"]));
    section(&mut text, "Larger datasets", &growth(&found["growth"]));
    section(&mut text, "Larger batches", &batches(&found["batches"]));
    section(&mut text, "The page", &page(found));
    let by_hand = between(before).unwrap_or("\n");
    let _ = writeln!(text, "{BEGIN}{by_hand}{END}");
    text
}

fn section(text: &mut String, title: &str, body: &str) {
    let _ = write!(text, "## {title}\n\n{}\n\n", body.trim_end());
}

/// What stands between the markers.
fn between(document: &str) -> Option<&str> {
    let (_, rest) = document.split_once(BEGIN)?;
    Some(rest.rsplit_once(END)?.0)
}

fn all(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// A figure of an entry, where it was measured.
fn figure(entry: &Value, name: &str) -> Option<f64> {
    entry["figures"][name].as_f64()
}

fn shown(value: Option<f64>, digits: usize) -> String {
    value.map_or("–".into(), |value| format!("{value:.digits$}"))
}

/// The entry of an engine and a form.
fn of<'a>(list: &'a Value, engine: &str, form: &str) -> Option<&'a Value> {
    all(list).find(|entry| entry["figures"]["engine"] == engine && entry["figures"]["form"] == form)
}

/// Steps as a table, with the commands below.
fn steps<'a>(entries: impl Iterator<Item = &'a Value>) -> String {
    let mut table = "| engine | form | step | sampling | forward | backward | update | samples/s | GFLOP/s | alone | share | peak MiB |\n\
                     |---|---|---|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    let mut below = String::new();
    for entry in entries {
        below += &command(entry);
        let figures = &entry["figures"];
        if figures["error"].is_string() {
            continue;
        }
        let name = |name: &str| figures[name].as_str().unwrap_or("–");
        let number = |name, digits| shown(figure(entry, name), digits);
        let share = figure(entry, "gemm_share").map(|share| 100.0 * share);
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} % | {} |",
            name("engine"),
            name("form"),
            number("step_ms", 1),
            number("sampling_ms", 1),
            number("forward_ms", 1),
            number("backward_ms", 1),
            number("update_ms", 1),
            number("samples_per_s", 0),
            number("gflops", 1),
            number("gemm_gflops", 1),
            shown(share, 0),
            number("peak_mib", 0),
        );
    }
    format!("{table}\n{below}")
}

/// The command of an entry, and why it gave nothing where that is so, as an item of a list.
fn command(entry: &Value) -> String {
    let command = entry["command"].as_str().unwrap_or_default();
    match entry["figures"]["error"].as_str() {
        Some(why) => format!("- `{command}` was not measured: {why}\n"),
        None => format!("- `{command}`\n"),
    }
}

/// A row for each of `labels`, with columns (title, figure, digits) of several lists of entries, and the
/// commands below.
fn side_by_side(
    what: &str,
    labels: impl Iterator<Item = String>,
    lists: &[(&Value, &[(&str, &str, usize)])],
) -> String {
    let columns = lists.iter().flat_map(|(_, columns)| columns.iter());
    let titles: Vec<&str> = columns.map(|(title, ..)| *title).collect();
    let rule = "|---".repeat(titles.len() + 1);
    let mut table = format!("| {what} | {} |\n{rule}|\n", titles.join(" | "));
    let mut below = String::new();
    for (i, label) in labels.enumerate() {
        let _ = write!(table, "| {label} |");
        for (entries, columns) in lists {
            for (_, name, digits) in *columns {
                let _ = write!(table, " {} |", shown(figure(&entries[i], name), *digits));
            }
            below += &command(&entries[i]);
        }
        table.push('\n');
    }
    format!("{table}\n{below}")
}

fn peer(peer: &Value) -> String {
    if peer.is_null() {
        return "Not measured: `cargo xtask bench --peer` does.".into();
    }
    let figures = &peer["figures"];
    let tried = figures["tried_ms"].as_object().into_iter().flatten();
    let tried: Vec<String> = tried
        .map(|(name, time)| format!("{name} {} ms", shown(time.as_f64(), 1)))
        .collect();
    format!(
        "The same step in PyTorch {} on one thread (`benches/peer`), with the same parameters and batches; its blocks are \
         given, so that its time holds no sampling. The losses of the first steps differ by at most {:.1e}, \
         relative. Of two formulations of the attention ({}) the faster one counts: {}. PyTorch's own counter finds \
         {} GFLOP in a step's matrix products, ours {}.\n\n{}",
        figures["version"].as_str().unwrap_or("unknown"),
        figure(peer, "loss_difference").unwrap_or(f64::NAN),
        tried.join(", "),
        figures["formulation"].as_str().unwrap_or("unknown"),
        shown(figure(peer, "counted_gflop_per_step"), 4),
        shown(figure(peer, "gflop_per_step"), 4),
        steps(std::iter::once(peer)),
    )
}

fn growth(growth: &Value) -> String {
    let table = side_by_side(
        "dataset",
        all(&growth["scales"]).map(|scale| format!("{scale}x")),
        &[
            (
                &growth["native"],
                &[
                    ("GFLOP per step", "gflop_per_step", 2),
                    ("native step", "step_ms", 1),
                    ("native peak MiB", "peak_mib", 0),
                    ("native preparation", "load_ms", 0),
                ],
            ),
            (
                &growth["wasm"],
                &[
                    ("wasm step", "step_ms", 1),
                    ("wasm peak MiB", "peak_mib", 0),
                    ("wasm preparation", "load_ms", 0),
                ],
            ),
        ],
    );
    format!(
        "Users, items and edges grow together; 100,000 training pairs. *Preparation* makes the dataset and its channels. \
         In a larger graph fewer neighbours of a batch coincide, so that its blocks hold more distinct nodes, up to all that \
         the fan-out allows: the matrix products of a step grow by that much, whatever else does not.\n\n{table}"
    )
}

fn batches(batches: &Value) -> String {
    let table = side_by_side(
        "pairs per step",
        all(&batches["sizes"]).map(Value::to_string),
        &[
            (
                &batches["native"],
                &[
                    ("GFLOP per step", "gflop_per_step", 2),
                    ("native step", "step_ms", 1),
                    ("native samples/s", "samples_per_s", 0),
                ],
            ),
            (
                &batches["wasm"],
                &[
                    ("wasm step", "step_ms", 1),
                    ("wasm samples/s", "samples_per_s", 0),
                ],
            ),
            (
                &batches["webgpu"],
                &[
                    ("WebGPU step", "step_ms", 1),
                    ("WebGPU samples/s", "samples_per_s", 0),
                ],
            ),
        ],
    );
    format!(
        "On flex, natively and in Chromium, and in Chromium on WebGPU. More pairs of a batch share more of their neighbours, \
         up to the whole graph, so that a step grows by less than its batch.\n\n{table}"
    )
}

fn page(found: &Value) -> String {
    let page = &found["page"];
    let mut text = "| what | measured |\n|---|---|\n".to_owned();
    for row in all(&page["rows"]) {
        let cell = |i: usize| row[i].as_str().unwrap_or_default();
        let _ = writeln!(text, "| {} | {} |", cell(0), cell(1));
    }
    let command = |of: &Value| of["command"].as_str().unwrap_or_default().to_owned();
    let sizes = &found["sizes"];
    let _ = write!(
        text,
        "\nThis is what `{}` prints; `{}` prints the sizes:\n\n```\n{}\n```\n",
        command(page),
        command(sizes),
        sizes["text"]
            .as_str()
            .unwrap_or_default()
            .trim_matches('\n'),
    );
    text
}

/// An aim: what, the aim in words, what was measured, and whether that is enough.
struct Aim {
    what: &'static str,
    aim: &'static str,
    measured: Option<(String, bool)>,
}

fn aims(found: &Value) -> String {
    let time = |entry: Option<&Value>| figure(entry?, "step_ms");
    let wasm = of(&found["wasm"], "flex", "own");
    let stock = time(of(&found["wasm"], "flex", "stock"));
    let native = time(of(&found["native"], "flex", "own"));
    let peer = figure(&found["peer"], "step_ms");
    let ratio = |slow: Option<f64>, fast: Option<f64>, aim: f64| {
        let ratio = slow? / fast?;
        Some((format!("{ratio:.2} times"), ratio >= aim))
    };
    let growth = |target: &str, name: &str| {
        let steps: Vec<f64> = all(&found["growth"][target])
            .filter_map(|entry| figure(entry, name))
            .collect();
        (steps.len() == all(&found["growth"]["scales"]).count()).then(|| {
            steps
                .last()
                .zip(steps.first())
                .map(|(last, first)| last / first)
        })?
    };
    let tasks = all(&found["page"]["rows"])
        .find(|row| row[0] == "tasks on the page's thread while training")
        .and_then(|row| row[1].as_str());
    let aims = [
        Aim {
            what: "wasm flex step over the stock-burn formulation in wasm",
            aim: "4 times faster",
            measured: ratio(stock, time(wasm), 4.0),
        },
        Aim {
            what: "wasm flex step against native PyTorch, one thread",
            aim: "at least as fast",
            measured: ratio(peer, time(wasm), 1.0),
        },
        Aim {
            what: "wasm flex share of the in-process matrix-product rate",
            aim: "at least 50 %",
            measured: wasm
                .and_then(|entry| figure(entry, "gemm_share"))
                .map(|share| (format!("{:.0} %", 100.0 * share), share >= 0.5)),
        },
        Aim {
            what: "native flex step against native PyTorch, one thread",
            aim: "2 times faster",
            measured: ratio(peer, native, 2.0),
        },
        Aim {
            what: "step time at 20x dataset against 1x",
            aim: "at most 1.1",
            measured: growth("native", "step_ms")
                .zip(growth("wasm", "step_ms"))
                .map(|(native, wasm)| {
                    let products = shown(growth("native", "gflop_per_step"), 2);
                    let measured = format!(
                        "native {native:.2}, wasm {wasm:.2}; its matrix products {products}"
                    );
                    (measured, native.max(wasm) <= 1.1)
                }),
        },
        Aim {
            what: "long tasks over 50 ms on the page's thread during training",
            aim: "none",
            measured: tasks.map(|tasks| (tasks.to_owned(), tasks.starts_with("none"))),
        },
    ];
    let mut table = "| what | aim | measured | |\n|---|---|---|---|\n".to_owned();
    for Aim {
        what,
        aim,
        measured,
    } in aims
    {
        let (measured, verdict) = match measured {
            Some((measured, true)) => (measured, "met"),
            Some((measured, false)) => (measured, "not met"),
            None => ("–".into(), "not measured"),
        };
        let _ = writeln!(table, "| {what} | {aim} | {measured} | {verdict} |");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(engine: &str, form: &str, step: f64) -> Value {
        json!({ "command": "moge bench", "figures": {
            "engine": engine, "form": form, "step_ms": step, "gemm_share": 0.4,
            "gflop_per_step": if step == 21.0 { 1.3 } else { 1.0 }, "sampling_ms": null,
        } })
    }

    fn found() -> Value {
        json!({
            "machine": { "processor": "abacus", "cores": 2 },
            "native": [entry("flex", "own", 20.0), entry("flex", "stock", 100.0)],
            "wasm": [
                entry("flex", "own", 50.0),
                entry("flex", "stock", 205.0),
                { "command": "?bench&engine=webgpu", "figures": { "error": "no adapter" } },
            ],
            "peer": entry("pytorch", "", 45.0),
            "growth": {
                "scales": [1, 20],
                "native": [entry("flex", "own", 20.0), entry("flex", "own", 21.0)],
                "wasm": [entry("flex", "own", 50.0), entry("flex", "own", 60.0)],
            },
            "batches": {
                "sizes": [256, 1024],
                "native": [entry("flex", "own", 20.0), entry("flex", "own", 33.0)],
                "wasm": [entry("flex", "own", 50.0), entry("flex", "own", 77.0)],
                "webgpu": [
                    entry("webgpu", "own", 12.0),
                    { "command": "?bench&batch=1024", "figures": { "error": "the GPU was lost" } },
                ],
            },
            "page": { "command": "measure", "rows": [
                ["tasks on the page's thread while training", "none over 50 ms"],
            ] },
            "sizes": { "command": "sizes", "text": "raw" },
        })
    }

    #[test]
    fn aims_are_judged_by_their_ratios() {
        let text = aims(&found());
        let verdicts: Vec<&str> = text.lines().skip(2).collect();
        assert!(verdicts[0].ends_with("| 4.10 times | met |"), "{text}");
        assert!(verdicts[1].ends_with("| 0.90 times | not met |"), "{text}");
        assert!(verdicts[2].ends_with("| 40 % | not met |"), "{text}");
        assert!(verdicts[3].ends_with("| 2.25 times | met |"), "{text}");
        assert!(
            verdicts[4].ends_with("| native 1.05, wasm 1.20; its matrix products 1.30 | not met |"),
            "{text}"
        );
        assert!(verdicts[5].ends_with("| none over 50 ms | met |"), "{text}");
    }

    #[test]
    fn what_was_not_measured_is_said() {
        let mut found = found();
        found["peer"] = Value::Null;
        found["growth"]["wasm"][1]["figures"] = json!({ "error": "out of memory" });
        let text = render(&found, "");
        assert_eq!(text.matches("not measured |").count(), 3, "{text}");
        assert!(
            text.contains("`?bench&engine=webgpu` was not measured: no adapter"),
            "{text}"
        );
        assert!(text.contains("| – |"), "{text}");
    }

    #[test]
    fn figures_of_one_row_stand_side_by_side() {
        let text = batches(&found()["batches"]);
        let rows: Vec<&str> = text.lines().skip(4).collect();
        assert_eq!(rows[0], "| 256 | 1.00 | 20.0 | – | 50.0 | – | 12.0 | – |");
        assert_eq!(rows[1], "| 1024 | 1.00 | 33.0 | – | 77.0 | – | – | – |");
        assert_eq!(
            rows[8],
            "- `?bench&batch=1024` was not measured: the GPU was lost"
        );
    }

    #[test]
    fn what_is_written_by_hand_stays() {
        let first = render(&found(), "");
        let edited = first.replace(BEGIN, &format!("{BEGIN}\n\n## A profile\n\nGathers.\n"));
        let mut slower = found();
        slower["wasm"][0]["figures"]["step_ms"] = json!(70.0);
        let second = render(&slower, &edited);
        assert!(second.contains("## A profile\n\nGathers.\n"), "{second}");
        assert!(
            second.contains("| 70.0 |") && !second.contains("| 4.10 times"),
            "{second}"
        );
        assert_eq!(render(&slower, &second), second);
    }
}
