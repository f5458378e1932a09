//! `moge graph`: the channels and the node tables as CSV, for other tools.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use crate::data::{Dataset, Nodes};
use crate::graph::{Channel, Channels, Construction, Csr};
use crate::{Error, ErrorKind, Result};

/// Write the three graph channels and the node tables as CSV.
///
/// g.csv has one row per user-item edge, source a user and target an item; gu.csv and gi.csv hold
/// the directed edges of the user-user and item-item channels, the most similar first. Users and
/// items are given by their dense index, the row of users.csv and items.csv, which hold the raw id
/// and one feature index per field (0 is unknown).
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of a prepared dataset.
    #[arg(long)]
    data: PathBuf,
    /// Folder to write the files to; created when absent.
    #[arg(long)]
    out: PathBuf,
}

/// Runs the command.
///
/// # Errors
///
/// When the dataset cannot be read or a file cannot be written.
pub fn run(args: Args) -> Result<()> {
    let data = Dataset::load(&args.data)?;
    let channels = Channels::build(&data, &Construction::default())?;
    std::fs::create_dir_all(&args.out).map_err(|e| unwritable(&args.out, &e))?;
    let file = |name: &str| args.out.join(name);

    let users = channels.users as u32;
    let (user_item, user_user) = (
        channels.get(Channel::UserItem),
        channels.get(Channel::UserUser),
    );
    // In G an item's node comes after all users, and every edge stands in both directions.
    let forward = edges(user_item).filter(|edge| edge.0 < users);
    write_edges(
        &file("g.csv"),
        forward.map(|(user, node, weight)| (user, node - users, weight)),
    )?;
    write_edges(&file("gu.csv"), edges(user_user))?;
    write_edges(&file("gi.csv"), edges(channels.get(Channel::ItemItem)))?;
    write_nodes(&file("users.csv"), &data.users)?;
    write_nodes(&file("items.csv"), &data.items)?;
    println!(
        "{} users, {} items, {} user-item edges; written to {}",
        data.users.len(),
        data.items.len(),
        data.edges.len(),
        args.out.display()
    );
    Ok(())
}

/// (source, target, weight) of every edge.
fn edges(graph: &Csr) -> impl Iterator<Item = (u32, u32, f32)> {
    graph
        .pairs()
        .zip(&graph.weights)
        .map(|((source, target), &weight)| (source, target, weight))
}

fn write_edges(path: &Path, edges: impl Iterator<Item = (u32, u32, f32)>) -> Result<()> {
    let rows = edges.map(|(source, target, weight)| {
        vec![source.to_string(), target.to_string(), weight.to_string()]
    });
    write(
        path,
        ["source", "target", "weight"].map(String::from).to_vec(),
        rows,
    )
}

fn write_nodes(path: &Path, nodes: &Nodes) -> Result<()> {
    let fields = nodes.fields.iter().map(|field| field.name.clone());
    let header = ["index", "raw"]
        .map(String::from)
        .into_iter()
        .chain(fields)
        .collect();
    let rows = (0..nodes.len() as u32).map(|node| {
        let own = [node.to_string(), nodes.raw[node as usize].to_string()];
        own.into_iter()
            .chain(nodes.features(node).iter().map(u32::to_string))
            .collect()
    });
    write(path, header, rows)
}

/// Writes a CSV file.
fn write(path: &Path, header: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> Result<()> {
    let mut writer = csv::Writer::from_path(path).map_err(|e| unwritable(path, &e))?;
    for row in std::iter::once(header).chain(rows) {
        writer.write_record(row).map_err(|e| unwritable(path, &e))?;
    }
    writer.flush().map_err(|e| unwritable(path, &e))
}

fn unwritable(path: &Path, error: &dyn Display) -> Error {
    Error::new(
        ErrorKind::Io,
        format!("cannot be written ({error})"),
        "Choose another --out folder, or check its permissions.",
    )
    .in_file(path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Field, Instances, Windows};

    /// Three nodes with the raw ids 0, 70 and 50, and a second field.
    fn nodes(id: &str, second: &str) -> Nodes {
        let field = |name: &str, vocabulary| Field {
            name: name.to_owned(),
            vocabulary,
        };
        Nodes {
            fields: vec![field(id, 3), field(second, 9)],
            values: vec![0, 0, 1, 8, 2, 0],
            raw: vec![0, 70, 50],
            known: 3,
        }
    }

    #[test]
    fn writes_channels_and_tables() {
        let data = Dataset {
            name: "three nodes".to_owned(),
            synthetic: true,
            provenance: String::new(),
            origin: Default::default(),
            windows: Windows::default(),
            users: nodes("user_id", "age_range"),
            items: nodes("item_id", "cat_id"),
            edges: vec![(1, 1), (1, 2), (2, 2)],
            train: Instances::default(),
            valid: Instances::default(),
            test: Instances::default(),
        };
        let dir = std::env::temp_dir().join(format!("moge-graph-{}", std::process::id()));
        data.save(&dir).unwrap();
        run(Args {
            data: dir.clone(),
            out: dir.join("csv"),
        })
        .unwrap();
        let read = |name: &str| std::fs::read_to_string(dir.join("csv").join(name)).unwrap();
        assert_eq!(read("g.csv"), "source,target,weight\n1,1,1\n1,2,1\n2,2,1\n");
        // One common neighbour, degrees 2 and 1: 1 / sqrt(2).
        let similar = "source,target,weight\n1,2,0.70710677\n2,1,0.70710677\n";
        assert_eq!(
            (read("gu.csv").as_str(), read("gi.csv").as_str()),
            (similar, similar)
        );
        assert_eq!(
            read("users.csv"),
            "index,raw,user_id,age_range\n0,0,0,0\n1,70,1,8\n2,50,2,0\n"
        );
        assert_eq!(
            read("items.csv"),
            "index,raw,item_id,cat_id\n0,0,0,0\n1,70,1,8\n2,50,2,0\n"
        );
        let unwritable = run(Args {
            data: dir.clone(),
            out: dir.join("csv/g.csv"),
        })
        .unwrap_err();
        assert_eq!(unwritable.kind(), ErrorKind::Io);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
