//! `moge ablate`, `moge models`, and input that is refused.

use std::fs;

use crate::{CHEAP, dataset, finished, folder, refused, succeed};

#[test]
fn ablations_share_runs_and_wrong_input_is_refused() {
    let data = dataset("ablation-data", "50");
    let other = dataset("other-data", "45");
    let out = folder("ablation");
    let path = out.display().to_string();
    let ablate = |what: &'static str| {
        let command = ["ablate", "--what", what, "--data", &data, "--out", &path];
        [&command[..], &CHEAP, &["1", "--steps", "4"]].concat()
    };
    succeed(&ablate("interaction"));
    assert_eq!(finished(&out).len(), 4);
    // EP and m = 4 are the same runs.
    succeed(&ablate("experts"));
    assert_eq!(finished(&out).len(), 8);
    succeed(&ablate("loss"));
    assert_eq!(finished(&out).len(), 11);
    let loss = fs::read_to_string(out.join("ablation-loss.md")).unwrap();
    assert!(loss.contains("beta = 1e-6: it is at most 7.5e-7"), "{loss}");
    assert!(loss.contains("| i+iii | ") && loss.contains("inert"));
    let experts = fs::read_to_string(out.join("ablation-experts.csv")).unwrap();
    assert_eq!(experts.lines().count(), 1 + 5 * 2 * 2);
    assert!(
        fs::read_to_string(out.join("ablation-experts.svg"))
            .unwrap()
            .contains("m=0")
    );

    let compare = |data: &str, more: &[&str]| {
        let command = ["compare", "--data", data, "--out", &path];
        refused(&[&command[..], &CHEAP, &["1"], more].concat())
    };
    for (message, expected) in [
        (
            compare(&data, &["--models", "mlp,mmeo"]),
            "Did you mean mmoe?",
        ),
        (
            compare(&data, &["--models", "mlp,mlp"]),
            "mlp is named twice",
        ),
        (
            compare(&data, &["--models", "mlp", "--reference", "cgc"]),
            "CGC is not among the models",
        ),
        (
            compare(&data, &["--steps", "5"]),
            "made for steps = 4, not 5",
        ),
        (compare(&other, &["--steps", "4"]), "made for the dataset"),
        (
            compare(&data, &["--set", "seed=4"]),
            "the number of seeds with --seeds",
        ),
        (
            compare(&data, &["--set", "learning_rate=1"]),
            "those of --grid",
        ),
        (
            compare(&data, &["--grid", "fast"]),
            "is not a learning rate",
        ),
        (
            refused(&[&ablate("experts")[..], &["--beta", "0.1"]].concat()),
            "--beta has no effect",
        ),
        (
            refused(&ablate("gates")),
            "[possible values: interaction, loss, experts]",
        ),
        (
            refused(&[
                "train",
                "--data",
                &data,
                "--out",
                &path,
                "--model",
                "shared-botom",
            ]),
            "Did you mean shared_bottom?",
        ),
    ] {
        assert!(message.contains(expected), "{expected}: {message}");
    }
    // A run that was cut short by hand is named, with what to do.
    let run = finished(&out).into_keys().next().unwrap();
    fs::write(&run, "{").unwrap();
    let message = refused(&ablate("interaction"));
    assert!(
        message.contains("run.json") && message.contains("remove its folder"),
        "{message}"
    );
}

#[test]
fn models_are_listed_with_inputs_and_sources() {
    let output = succeed(&["models", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 15);
    let of = |name: &str| listed.iter().find(|card| card["name"] == name).unwrap();
    // Model.md 12.
    assert_eq!(of("mmoe")["parameters"], 25_610);
    assert_eq!(of("moge")["parameters"], 161_676);
    assert_eq!(of("mlp")["inputs"], "the pair's features");
    assert_eq!(of("ngcf")["inputs"], "the pair's features and the graph G");
    assert_eq!(
        of("mmoe_graph")["inputs"],
        "the states of the graph network over G, Gu, Gi"
    );
    let text = String::from_utf8(succeed(&["models"]).stdout).unwrap();
    assert!(text.contains("SNR: Sub-Network Routing, AAAI 2019"));
    assert!(text.contains("460,802 parameters"));
}
