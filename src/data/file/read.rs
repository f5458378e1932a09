//! Reading a `dataset.moge`, believing nothing.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use safetensors::tensor::{Dtype, SafeTensors};
use serde::Deserialize;

use super::{FILE_NAME, FORMAT, Header, RAW, Side};
use crate::data::dataset::{Dataset, Instances, Nodes, Origin};
use crate::data::row::{Action, Actions};
use crate::{Error, ErrorKind, Result};

/// Largest size a file may unpack to. The contest's whole log takes about a quarter of it.
const MAX_UNPACKED: u64 = 256 << 20;
/// A field may have this many values more than there are nodes.
const SPARE_VALUES: usize = 256;
const MAX_FIELDS: usize = 64;
/// Most refreshes that a dataset can have behind it.
const MAX_ANCESTORS: usize = 10_000;

impl Dataset {
    /// Reads the content of a `dataset.moge`. Fails, and never panics, when it is cut, damaged, or
    /// says things that cannot be: see the module's header.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::read(bytes).map_err(|e| e.in_file(FILE_NAME))
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let plain = unpack(bytes)?;
        let damaged = |e: &dyn std::fmt::Display| wrong(format!("it is not a dataset file ({e})"));
        let tensors = SafeTensors::deserialize(&plain).map_err(|e| damaged(&e))?;
        let (_, metadata) = SafeTensors::read_metadata(&plain).map_err(|e| damaged(&e))?;
        let header = metadata
            .metadata()
            .as_ref()
            .and_then(|entries| entries.get("moge"));
        let header = header.ok_or_else(|| wrong("it has no entry \"moge\" in its metadata"))?;
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let version: Version = serde_json::from_str(header).map_err(|e| damaged(&e))?;
        if version.format != FORMAT {
            return Err(wrong(format!(
                "its format is {}, expected {FORMAT}",
                version.format
            )));
        }
        let header: Header = serde_json::from_str(header).map_err(|e| damaged(&e))?;
        header.windows.validate().map_err(|e| damaged(&e))?;

        let users = nodes(&tensors, "users", header.users)?;
        let items = nodes(&tensors, "items", header.items)?;
        let last = header.windows.graph.last.max(header.windows.train.last);
        let last = last.max(header.windows.test.last).number();
        let days = usize::from(last - header.windows.origin().number()) + 1;
        let known = (users.known, items.known);
        let nodes = (users.len(), items.len());
        let part = |name: &str, limit| instances(&tensors, name, users.len(), limit, days);
        let origin = origin(&tensors, &header.edge_actions, header.ancestors, &items)?;
        let linked = if origin.ancestors.is_empty() {
            known
        } else {
            nodes
        };
        Ok(Self {
            name: header.name,
            synthetic: header.synthetic,
            provenance: header.provenance,
            windows: header.windows,
            edges: edges(&tensors, users.len(), linked)?,
            train: part("train", known)?,
            valid: part("valid", known)?,
            test: part("test", nodes)?,
            origin,
            users,
            items,
        })
    }
}

fn wrong(what: impl Into<String>) -> Error {
    Error::new(
        ErrorKind::Format,
        what,
        "Make it again with `moge prepare` or `moge synth`.",
    )
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    let mut limited = GzDecoder::new(bytes).take(MAX_UNPACKED + 1);
    limited
        .read_to_end(&mut plain)
        .map_err(|e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => wrong("it ends in the middle"),
            _ => wrong(format!("it is not a gzip file ({e})")),
        })?;
    if plain.len() as u64 > MAX_UNPACKED {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!("it unpacks to more than {} MiB", MAX_UNPACKED >> 20),
            "Prepare fewer users with `moge prepare --users N`.",
        ));
    }
    Ok(plain)
}

/// One array of the file; the message of an error names it.
struct Column {
    name: String,
    values: Vec<u64>,
}

impl Column {
    fn read(tensors: &SafeTensors, side: &str, column: &str) -> Result<Self> {
        let name = format!("{side}.{column}");
        let tensor = tensors
            .tensor(&name)
            .map_err(|_| wrong(format!("it has no array {name}")))?;
        let width = match tensor.dtype() {
            Dtype::U8 => 1,
            Dtype::U16 => 2,
            Dtype::U32 => 4,
            Dtype::U64 => 8,
            other => return Err(wrong(format!("its array {name} is of type {other}"))),
        };
        let value = |bytes: &[u8]| {
            bytes
                .iter()
                .rev()
                .fold(0, |v, &byte| v << 8 | u64::from(byte))
        };
        Ok(Self {
            name,
            values: tensor.data().chunks_exact(width).map(value).collect(),
        })
    }

    fn of_length(self, length: usize) -> Result<Self> {
        if self.values.len() != length {
            let found = self.values.len();
            return Err(wrong(format!(
                "its array {} has {found} entries, expected {length}",
                self.name
            )));
        }
        Ok(self)
    }

    /// All values, which must lie in `from..to` (and fit in 32 bits).
    fn within(self, from: usize, to: usize) -> Result<Vec<u32>> {
        let check = |&value: &u64| {
            u32::try_from(value)
                .ok()
                .filter(|&v| from <= v as usize && (v as usize) < to)
        };
        let found = self.values.iter().find(|value| check(value).is_none());
        if let Some(value) = found {
            let name = &self.name;
            return Err(wrong(format!(
                "its array {name} holds {value}, expected {from} to {}",
                to.max(1) - 1
            )));
        }
        Ok(self.values.iter().filter_map(check).collect())
    }

    fn bytes_within(self, to: usize) -> Result<Vec<u8>> {
        Ok(self
            .within(0, to.min(256))?
            .into_iter()
            .map(|v| v as u8)
            .collect())
    }
}

fn nodes(tensors: &SafeTensors, side: &str, described: Side) -> Result<Nodes> {
    let Side { known, fields } = described;
    let raw = Column::read(tensors, side, "raw")?.values;
    let length = raw.len();
    if raw.first() != Some(&0) || known < 1 || known > length || u32::try_from(length).is_err() {
        return Err(wrong(format!(
            "its {side} have {known} known nodes of {length}, raw id 0 first"
        )));
    }
    let id = side.trim_end_matches('s').to_string() + "_id";
    let names_fit = fields
        .first()
        .is_some_and(|field| field.name == id && field.vocabulary == known);
    if !names_fit || fields.len() > MAX_FIELDS {
        return Err(wrong(format!(
            "the first of its {side}' fields is not {id} with {known} values"
        )));
    }
    let width = fields.len();
    let mut values = vec![0; length * width];
    for (node, row) in values.chunks_exact_mut(width).enumerate().take(known) {
        row[0] = node as u32;
    }
    for (at, field) in fields.iter().enumerate().skip(1) {
        if field.vocabulary > length + SPARE_VALUES {
            return Err(wrong(format!(
                "its field {} claims {} values",
                field.name, field.vocabulary
            )));
        }
        let column = Column::read(tensors, side, &field.name)?.of_length(length)?;
        let column = column.within(0, field.vocabulary)?;
        if column[0] != 0 {
            return Err(wrong(format!(
                "its unknown node has a known {}",
                field.name
            )));
        }
        for (row, value) in values.chunks_exact_mut(width).zip(column) {
            row[at] = value;
        }
    }
    Ok(Nodes {
        fields,
        values,
        raw,
        known,
    })
}

fn origin(
    tensors: &SafeTensors,
    edge_actions: &[u64],
    ancestors: Vec<String>,
    items: &Nodes,
) -> Result<Origin> {
    let actions: Option<Vec<Action>> = edge_actions.iter().map(|&a| Action::from_code(a)).collect();
    let actions = actions.filter(|actions| !actions.is_empty());
    let actions = actions.ok_or_else(|| {
        wrong(format!(
            "its edge_actions are {edge_actions:?}, expected some of 0 to 3"
        ))
    })?;
    let is_fingerprint =
        |text: &String| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if ancestors.len() > MAX_ANCESTORS || !ancestors.iter().all(is_fingerprint) {
        return Err(wrong("its ancestors are not fingerprints of datasets"));
    }
    let mut raw_values = BTreeMap::new();
    for field in &items.fields[1..] {
        if tensors.tensor(&format!("{RAW}.{}", field.name)).is_err() {
            continue;
        }
        let column = Column::read(tensors, RAW, &field.name)?;
        let column = column.of_length(field.vocabulary.saturating_sub(1))?;
        let raw = column.values;
        if raw.first() == Some(&0) || !raw.is_sorted_by(|a, b| a < b) {
            return Err(wrong(format!("its array {} is not rising", column.name)));
        }
        raw_values.insert(field.name.clone(), raw);
    }
    Ok(Origin {
        edge_actions: Actions::of(&actions),
        raw_values,
        ancestors,
    })
}

/// The users of a list that is sorted by user, from the number of entries of each.
fn expand(counts: Column, entries: usize, limit: usize) -> Result<Vec<u32>> {
    let name = counts.name.clone();
    let counts = counts.within(0, entries + 1)?;
    let total: u64 = counts.iter().map(|&n| u64::from(n)).sum();
    let outside = counts
        .iter()
        .enumerate()
        .any(|(u, &n)| n > 0 && (u == 0 || u >= limit));
    if total != entries as u64 || outside {
        return Err(wrong(format!(
            "its array {name} does not fit the list it counts"
        )));
    }
    Ok((0..)
        .zip(&counts)
        .flat_map(|(u, &n)| std::iter::repeat_n(u, n as usize))
        .collect())
}

fn edges(tensors: &SafeTensors, users: usize, limit: (usize, usize)) -> Result<Vec<(u32, u32)>> {
    let item = Column::read(tensors, "edges", "item")?.within(1, limit.1)?;
    let counts = Column::read(tensors, "edges", "count")?.of_length(users)?;
    let user = expand(counts, item.len(), limit.0)?;
    let edges: Vec<(u32, u32)> = user.into_iter().zip(item).collect();
    if !edges.is_sorted_by(|a, b| a < b) {
        return Err(wrong("its edges are not sorted, or repeat"));
    }
    Ok(edges)
}

fn instances(
    tensors: &SafeTensors,
    name: &str,
    users: usize,
    limit: (usize, usize),
    days: usize,
) -> Result<Instances> {
    let item = Column::read(tensors, name, "item")?.within(1, limit.1)?;
    let length = item.len();
    let read = |column: &str| Column::read(tensors, name, column);
    let user = expand(read("count")?.of_length(users)?, length, limit.0)?;
    let labels = read("labels")?.of_length(length)?.bytes_within(4)?;
    let day = read("day")?.of_length(length)?.bytes_within(days)?;
    let sampled = read("sampled")?.of_length(length)?.bytes_within(2)?;
    let sampled: Vec<bool> = sampled.into_iter().map(|flag| flag == 1).collect();
    if !(0..length).is_sorted_by_key(|i| (user[i], item[i], day[i])) {
        return Err(wrong(format!("its {name} instances are not sorted")));
    }
    if labels
        .iter()
        .zip(&sampled)
        .any(|(&label, &sampled)| sampled && label != 0)
    {
        return Err(wrong(format!(
            "a sampled negative of its {name} instances has a label"
        )));
    }
    Ok(Instances {
        user,
        item,
        labels,
        day,
        sampled,
    })
}
