//! The file of a dataset: `dataset.moge`, a gzip of a safetensors file.
//!
//! Every array is one-dimensional and takes the narrowest of U8, U16, U32 and U64 that holds its
//! values. `docs/data.md` lists the arrays. A file is not trusted: everything another room relies on
//! is checked while it is read, and what it unpacks to is bounded.

mod read;

use std::collections::HashMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::dataset::{Dataset, Field, Nodes, Origin};
use super::date::Windows;
use super::row::ACTIONS;
use crate::{Error, ErrorKind, Result};

/// Name of the file in a dataset's folder.
pub const FILE_NAME: &str = "dataset.moge";
/// Version written into the file; others are refused.
const FORMAT: u32 = 1;
/// First part of the names of the arrays that hold the raw ids of field values.
const RAW: &str = "raw_values";

/// The part of the file that is not arrays, stored as JSON in `__metadata__.moge`.
#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    name: String,
    synthetic: bool,
    provenance: String,
    /// Codes of the actions that make an edge; absent in older files.
    #[serde(default = "default_edge_actions")]
    edge_actions: Vec<u64>,
    #[serde(default)]
    ancestors: Vec<String>,
    windows: Windows,
    users: Side,
    items: Side,
}

fn default_edge_actions() -> Vec<u64> {
    codes(&Origin::default())
}

/// Codes of the actions that make an edge, rising.
fn codes(origin: &Origin) -> Vec<u64> {
    let making = ACTIONS.iter().filter(|&&a| origin.edge_actions.has(a));
    making.map(|&action| action as u64).collect()
}

#[derive(Serialize, Deserialize)]
struct Side {
    known: usize,
    fields: Vec<Field>,
}

impl Dataset {
    /// The content of a `dataset.moge`.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let side = |nodes: &Nodes| Side {
            known: nodes.known,
            fields: nodes.fields.clone(),
        };
        let header = Header {
            format: FORMAT,
            name: self.name.clone(),
            synthetic: self.synthetic,
            provenance: self.provenance.clone(),
            edge_actions: codes(&self.origin),
            ancestors: self.origin.ancestors.clone(),
            windows: self.windows,
            users: side(&self.users),
            items: side(&self.items),
        };
        let failed = |e: &dyn std::fmt::Display| {
            Error::new(
                ErrorKind::Format,
                format!("the dataset cannot be written ({e})"),
                "Report it.",
            )
        };
        let header = serde_json::to_string(&header).map_err(|e| failed(&e))?;
        let raw_values = self.origin.raw_values.iter();
        let raw_values = raw_values.map(|(field, raw)| (format!("{RAW}.{field}"), raw.clone()));
        let packed: Vec<(String, Dtype, usize, Vec<u8>)> = self
            .columns()
            .into_iter()
            .chain(raw_values)
            .map(|(name, values)| {
                let (dtype, bytes) = narrowest(&values);
                (name, dtype, values.len(), bytes)
            })
            .collect();
        let views = packed.iter().map(|(name, dtype, length, bytes)| {
            TensorView::new(*dtype, vec![*length], bytes).map(|view| (name, view))
        });
        let views: Vec<_> = views
            .collect::<std::result::Result<_, _>>()
            .map_err(|e| failed(&e))?;
        let metadata = HashMap::from([("moge".to_string(), header)]);
        let plain = safetensors::serialize(views, Some(metadata)).map_err(|e| failed(&e))?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&plain)
            .and_then(|()| gzip.finish())
            .map_err(|e| failed(&e))
    }

    /// A stable hash of the content: SHA-256 over every field and array, in hexadecimal. Name,
    /// provenance and origin do not count, nor does the way the file was compressed.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let mut word = |value: u64| hash.update(value.to_le_bytes());
        for (name, values) in self.columns() {
            word(name.len() as u64);
            name.bytes().for_each(|b| word(b.into()));
            word(values.len() as u64);
            values.into_iter().for_each(&mut word);
        }
        for nodes in [&self.users, &self.items] {
            word(nodes.known as u64);
            nodes
                .fields
                .iter()
                .for_each(|field| word(field.vocabulary as u64));
        }
        let windows = self.windows;
        for window in [windows.graph, windows.train, windows.test] {
            word(window.first.number().into());
            word(window.last.number().into());
        }
        word(self.synthetic.into());
        hash.finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Every array of the file, by name.
    fn columns(&self) -> Vec<(String, Vec<u64>)> {
        let mut columns = Vec::new();
        for (side, nodes) in [("users", &self.users), ("items", &self.items)] {
            columns.push((format!("{side}.raw"), nodes.raw.clone()));
            let width = nodes.fields.len();
            for (at, field) in nodes.fields.iter().enumerate().skip(1) {
                let values = nodes.values.iter().skip(at).step_by(width);
                columns.push((
                    format!("{side}.{}", field.name),
                    values.map(|&v| v.into()).collect(),
                ));
            }
        }
        let users = self.users.len();
        let counts = |of: &mut dyn Iterator<Item = u32>| {
            let mut counts = vec![0u64; users];
            of.for_each(|u| counts[u as usize] += 1);
            counts
        };
        let mut add =
            |name: &str, column: &str, values| columns.push((format!("{name}.{column}"), values));
        add(
            "edges",
            "count",
            counts(&mut self.edges.iter().map(|e| e.0)),
        );
        add(
            "edges",
            "item",
            self.edges.iter().map(|e| e.1.into()).collect(),
        );
        for (name, part) in [
            ("train", &self.train),
            ("valid", &self.valid),
            ("test", &self.test),
        ] {
            add(name, "count", counts(&mut part.user.iter().copied()));
            add(name, "item", part.item.iter().map(|&v| v.into()).collect());
            add(
                name,
                "labels",
                part.labels.iter().map(|&v| v.into()).collect(),
            );
            add(name, "day", part.day.iter().map(|&v| v.into()).collect());
            add(
                name,
                "sampled",
                part.sampled.iter().map(|&v| v.into()).collect(),
            );
        }
        columns
    }
}

#[cfg(not(target_family = "wasm"))]
impl Dataset {
    /// Writes `dataset.moge` into a folder, which is made if it is missing.
    pub fn save(&self, dir: impl AsRef<std::path::Path>) -> Result<()> {
        let path = dir.as_ref().join(FILE_NAME);
        let bytes = self.to_bytes()?;
        std::fs::create_dir_all(dir.as_ref())
            .and_then(|()| std::fs::write(&path, bytes))
            .map_err(|e| {
                Error::new(
                    ErrorKind::Io,
                    format!("the dataset cannot be written ({e})"),
                    "Check the folder and its permissions.",
                )
                .in_file(path.display())
            })
    }

    /// Reads a `dataset.moge`, given itself or its folder.
    pub fn load(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let path = path.as_ref();
        let path = if path.is_dir() {
            path.join(FILE_NAME)
        } else {
            path.to_path_buf()
        };
        let bytes = std::fs::read(&path).map_err(|e| {
            Error::new(
                ErrorKind::Io,
                format!("the dataset cannot be read ({e})"),
                "Make one with `moge prepare` or `moge synth`.",
            )
            .in_file(path.display())
        })?;
        Self::read(&bytes).map_err(|e| e.in_file(path.display()))
    }
}

fn narrowest(values: &[u64]) -> (Dtype, Vec<u8>) {
    let width = match values.iter().max().copied().unwrap_or(0) {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    };
    let dtype = match width {
        1 => Dtype::U8,
        2 => Dtype::U16,
        4 => Dtype::U32,
        _ => Dtype::U64,
    };
    (
        dtype,
        values
            .iter()
            .flat_map(|v| v.to_le_bytes().into_iter().take(width))
            .collect(),
    )
}
