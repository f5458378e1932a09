//! `dataset.moge`: what is written is read back, and what is not a dataset is refused.

use std::collections::HashMap;
use std::io::{Read, Write};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use moge::ErrorKind;
use moge::data::{Dataset, PrepareConfig, Synth, SynthConfig, bundled};
use moge::random::Key;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::{Value, json};

use crate::message;

fn small() -> Dataset {
    let synth = SynthConfig {
        seed: 5,
        users: 120,
        items: 300,
        activity: 2.0,
    };
    let config = PrepareConfig {
        core: None,
        neg_ratio: 1,
        ..bundled::prepare(synth)
    };
    Synth::new(synth).unwrap().prepare(config).unwrap().dataset
}

fn pack(plain: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(plain).unwrap();
    gzip.finish().unwrap()
}

fn unpack(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

/// The arrays and the header of a file, for changing them by hand.
#[derive(Clone)]
struct Parts {
    arrays: HashMap<String, (Dtype, Vec<u8>)>,
    header: Value,
}

impl Parts {
    fn of(dataset: &Dataset) -> Self {
        let plain = unpack(&dataset.to_bytes().unwrap());
        let tensors = SafeTensors::deserialize(&plain).unwrap();
        let (_, metadata) = SafeTensors::read_metadata(&plain).unwrap();
        let header = &metadata.metadata().as_ref().unwrap()["moge"];
        let arrays = tensors
            .iter()
            .map(|(n, t)| (n.to_string(), (t.dtype(), t.data().to_vec())));
        Self {
            arrays: arrays.collect(),
            header: serde_json::from_str(header).unwrap(),
        }
    }

    fn set(&mut self, name: &str, values: &[u64]) {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.arrays.insert(name.into(), (Dtype::U64, bytes));
    }

    fn get(&self, name: &str) -> Vec<u64> {
        let (dtype, bytes) = &self.arrays[name];
        let value = |c: &[u8]| c.iter().rev().fold(0, |v, &b| v << 8 | u64::from(b));
        bytes.chunks(dtype.bitsize() / 8).map(value).collect()
    }

    fn bytes(&self) -> Vec<u8> {
        let views = self.arrays.iter().map(|(name, (dtype, bytes))| {
            let length = bytes.len() / (dtype.bitsize() / 8);
            (name, TensorView::new(*dtype, vec![length], bytes).unwrap())
        });
        let metadata = HashMap::from([("moge".to_string(), self.header.to_string())]);
        pack(&safetensors::serialize(views, Some(metadata)).unwrap())
    }
}

#[test]
fn what_is_written_is_read_back() {
    let dataset = small();
    let bytes = dataset.to_bytes().unwrap();
    assert_eq!(Dataset::from_bytes(&bytes).unwrap(), dataset);
    assert_eq!(
        Dataset::from_bytes(&Parts::of(&dataset).bytes()).unwrap(),
        dataset
    );

    let dir = std::env::temp_dir().join(format!("moge-file-{}", std::process::id()));
    dataset.save(dir.join("made")).unwrap();
    assert_eq!(Dataset::load(dir.join("made")).unwrap(), dataset);
    assert_eq!(
        Dataset::load(dir.join("made").join("dataset.moge")).unwrap(),
        dataset
    );
    std::fs::remove_dir_all(&dir).unwrap();
    assert!(message(Dataset::load(&dir)).contains("moge prepare"));
}

#[test]
fn a_file_knows_its_edge_rule_and_the_raw_ids_of_its_values() {
    let dataset = small();
    let fields = &dataset.items.fields;
    for (at, field) in fields.iter().enumerate().skip(1) {
        let raw = &dataset.origin.raw_values[&field.name];
        assert_eq!(raw.len(), field.vocabulary - 1);
        for (place, &id) in raw.iter().enumerate() {
            assert_eq!(
                dataset.origin.value(&field.name, id),
                Some(place as u32 + 1)
            );
        }
        let largest = (0..dataset.items.known as u32).map(|i| dataset.items.features(i)[at]);
        assert_eq!(largest.max().unwrap() as usize, raw.len());
        assert_eq!(dataset.origin.value(&field.name, 0), Some(0));
        assert_eq!(dataset.origin.value(&field.name, u64::MAX), None);
    }
    assert_eq!(dataset.origin.value("colour", 1), None);

    // A file from before has none of it, and reads as the default.
    let mut parts = Parts::of(&dataset);
    assert_eq!(parts.header["edge_actions"], json!([2, 3]));
    parts
        .arrays
        .retain(|name, _| !name.starts_with("raw_values."));
    let header = parts.header.as_object_mut().unwrap();
    header.remove("edge_actions");
    header.remove("ancestors");
    let older = Dataset::from_bytes(&parts.bytes()).unwrap();
    assert_eq!(older.origin, Default::default());
    assert_eq!(older.fingerprint(), dataset.fingerprint());
}

#[test]
fn the_fingerprint_is_that_of_the_content() {
    let dataset = small();
    let fingerprint = dataset.fingerprint();
    assert_eq!(fingerprint.len(), 64);
    let renamed = Dataset {
        name: "another".into(),
        provenance: "somewhere".into(),
        ..dataset.clone()
    };
    assert_eq!(renamed.fingerprint(), fingerprint);
    let mut changes: Vec<Dataset> = vec![dataset.clone(); 5];
    changes[0].test.labels[0] ^= 1;
    changes[1].edges.pop();
    changes[2].users.values[5] ^= 1;
    changes[3].windows.test = "1023-1024".parse().unwrap();
    changes[4].items.known -= 1;
    for changed in changes {
        assert_ne!(changed.fingerprint(), fingerprint);
    }
}

#[test]
fn a_cut_file_is_refused_at_any_length() {
    let bytes = small().to_bytes().unwrap();
    let plain = unpack(&bytes);
    for keep in (0..bytes.len())
        .step_by(97)
        .chain(bytes.len() - 9..bytes.len())
    {
        assert!(Dataset::from_bytes(&bytes[..keep]).is_err(), "{keep}");
    }
    for keep in (0..plain.len()).step_by(211) {
        assert!(
            Dataset::from_bytes(&pack(&plain[..keep])).is_err(),
            "{keep}"
        );
    }
    assert!(
        message(Dataset::from_bytes(&bytes[..900])).contains("dataset.moge: it ends in the middle")
    );
    assert!(message(Dataset::from_bytes(b"user_id,item_id,cat_id")).contains("not a gzip file"));
}

#[test]
fn damage_never_panics_and_what_is_read_is_sound() {
    let plain = unpack(&small().to_bytes().unwrap());
    let mut stream = Key::new(11).stream();
    for _ in 0..1_500 {
        let mut damaged = plain.clone();
        for _ in 0..1 + stream.below(3) {
            let at = stream.below(damaged.len());
            damaged[at] = stream.bits() as u8;
        }
        if let Ok(dataset) = Dataset::from_bytes(&pack(&damaged)) {
            // Whatever got through must survive a pass over all of it.
            assert_eq!(
                Dataset::from_bytes(&dataset.to_bytes().unwrap()).unwrap(),
                dataset
            );
        }
    }
}

#[test]
fn lies_are_named() {
    let parts = Parts::of(&small());
    #[track_caller]
    fn refused(parts: &Parts, change: impl FnOnce(&mut Parts), says: &str) {
        let mut parts = parts.clone();
        change(&mut parts);
        let message = message(Dataset::from_bytes(&parts.bytes()));
        assert!(
            message.contains(says),
            "\"{message}\" does not say \"{says}\""
        );
    }
    let change = |name: &'static str, f: fn(&mut Vec<u64>)| {
        move |parts: &mut Parts| {
            let mut values = parts.get(name);
            f(&mut values);
            parts.set(name, &values);
        }
    };
    refused(
        &parts,
        |p| p.header["format"] = json!(2),
        "its format is 2, expected 1",
    );
    refused(
        &parts,
        |p| p.header["windows"]["test"]["first"] = json!("1020"),
        "overlap",
    );
    refused(
        &parts,
        |p| p.header["windows"]["test"]["first"] = json!("0230"),
        "not a day",
    );
    refused(
        &parts,
        |p| p.header["users"]["known"] = json!(1_000_000),
        "known nodes",
    );
    refused(
        &parts,
        |p| p.header["users"]["known"] = json!(0),
        "known nodes",
    );
    refused(
        &parts,
        |p| p.header["users"]["fields"][1]["vocabulary"] = json!(1u64 << 60),
        "claims",
    );
    refused(
        &parts,
        |p| p.header["items"]["fields"][0]["vocabulary"] = json!(3),
        "item_id",
    );
    refused(
        &parts,
        |p| p.header["items"]["fields"] = json!([]),
        "item_id",
    );
    refused(
        &parts,
        |p| p.header = json!("nothing"),
        "not a dataset file",
    );
    refused(
        &parts,
        |p| drop(p.arrays.remove("test.day")),
        "no array test.day",
    );
    refused(
        &parts,
        change("edges.item", |v| v[0] = u64::MAX),
        "edges.item",
    );
    refused(
        &parts,
        change("edges.item", |v| v[0] = 0),
        "edges.item holds 0",
    );
    refused(
        &parts,
        change("edges.item", |v| v[1] = v[0]),
        "not sorted, or repeat",
    );
    refused(&parts, change("edges.count", |v| v[1] += 1), "edges.count");
    refused(
        &parts,
        change("edges.count", |v| v[1] = 1 << 40),
        "edges.count",
    );
    refused(&parts, change("train.count", |v| v[0] = 1), "train.count");
    refused(&parts, change("train.item", |v| v[0] = 299), "train");
    refused(
        &parts,
        change("test.labels", |v| v[0] = 4),
        "test.labels holds 4",
    );
    refused(
        &parts,
        change("test.labels", |v| v.push(0)),
        "test.labels has",
    );
    refused(&parts, change("test.sampled", |v| v[0] = 2), "test.sampled");
    refused(&parts, change("test.day", |v| v[0] = 200), "test.day");
    refused(
        &parts,
        change("train.sampled", |v| v.fill(1)),
        "has a label",
    );
    refused(
        &parts,
        change("users.age_range", |v| v[1] = 9),
        "users.age_range holds 9",
    );
    refused(
        &parts,
        change("users.age_range", |v| v[0] = 1),
        "unknown node",
    );
    refused(&parts, change("items.raw", |v| v[0] = 1), "raw id 0");
    refused(&parts, change("items.raw", |v| v.clear()), "raw id 0");
    refused(
        &parts,
        |p| p.header["edge_actions"] = json!([2, 7]),
        "edge_actions are [2, 7]",
    );
    refused(
        &parts,
        |p| p.header["ancestors"] = json!(["somebody"]),
        "ancestors are not fingerprints",
    );
    refused(
        &parts,
        change("raw_values.cat_id", |v| v.swap(0, 1)),
        "raw_values.cat_id is not rising",
    );
    refused(
        &parts,
        change("raw_values.cat_id", |v| v.truncate(v.len() - 1)),
        "raw_values.cat_id has",
    );
    refused(
        &parts,
        |p| drop(p.arrays.insert("test.day".into(), (Dtype::F32, vec![0; 8]))),
        "test.day is of type F32",
    );
}

#[test]
fn a_decompression_bomb_is_stopped() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let zeros = vec![0u8; 1 << 20];
    (0..300).for_each(|_| gzip.write_all(&zeros).unwrap());
    let error = Dataset::from_bytes(&gzip.finish().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(
        error.to_string().contains("unpacks to more than 256 MiB"),
        "{error}"
    );
}
