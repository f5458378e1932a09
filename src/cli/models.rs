//! `moge models`: the systems, with what they read and what they weigh.

use pollster::block_on;
use serde::Serialize;

use crate::engine::{Engine, EngineKind};
use crate::error::{Error, ErrorKind, Result, thousands};
use crate::model::card::{ModelCard, models};

/// List the systems.
///
/// Parameters are those of the network at the demo preset, without embedding tables.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A system as it is printed.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    card: ModelCard,
    /// What it reads, in words.
    inputs: String,
}

/// Runs the command.
///
/// # Errors
///
/// When this build lacks the flex engine.
pub fn run(args: Args) -> Result<()> {
    let device = block_on(Engine::open(EngineKind::Flex))?.device;
    let listed: Vec<Listed> = models(&device)
        .into_iter()
        .map(|card| Listed {
            inputs: inputs(&card),
            card,
        })
        .collect();
    if args.json {
        let json = serde_json::to_string_pretty(&listed).map_err(|e| {
            Error::new(ErrorKind::Format, e.to_string(), "Report this as a defect.")
        })?;
        println!("{json}");
        return Ok(());
    }
    for Listed { card, inputs } in listed {
        println!(
            "{:<20} {} ({} parameters)\n    {}\n    reads {inputs}; embeddings {}\n    loss: {}\n    source: {}\n",
            card.name,
            card.title,
            thousands(card.parameters as u64),
            card.description,
            card.embeddings,
            card.losses,
            card.source
        );
    }
    Ok(())
}

/// What a system reads.
fn inputs(card: &ModelCard) -> String {
    let used = ["G", "Gu", "Gi"].into_iter().zip(card.channels);
    let used: Vec<&str> = used
        .filter_map(|(name, used)| used.then_some(name))
        .collect();
    match &used[..] {
        [] => "the pair's features".into(),
        channels if card.graph => format!(
            "the states of the graph network over {}",
            channels.join(", ")
        ),
        channels => format!("the pair's features and the graph {}", channels.join(", ")),
    }
}
