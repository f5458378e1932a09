//! One training step against an independent implementation in double precision
//! (`golden/moge_step_f64.safetensors`; its README explains the tensors).

use std::collections::BTreeMap;
use std::path::PathBuf;

use burn::tensor::{Device, Tensor};
use moge::data::{Dataset, Field, Nodes};
use moge::graph::{Block, Channels, Csr, Draw, Sampling};
use moge::model::batch::ChannelBlock;
use moge::model::{Assembler, Batch, Builder, ModelConfig, Moge, Network, Parameters};
use moge::op::form::{Form, with};
use moge::train::Config;
use moge::train::loss::loss;
use safetensors::{Dtype, SafeTensors};

/// Every tensor of the file as f64, whatever its type.
struct Golden(BTreeMap<String, Vec<f64>>);

impl Golden {
    /// The file, or nothing with a visible message where the shared folder is absent.
    fn open() -> Option<Self> {
        let folder = std::env::var("MOGE_SHARED_DATA")
            .map(PathBuf::from)
            .unwrap_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"));
        let path = folder.join("golden/moge_step_f64.safetensors");
        let Ok(bytes) = std::fs::read(&path) else {
            eprintln!("SKIPPED: {} is absent", path.display());
            return None;
        };
        let file = SafeTensors::deserialize(&bytes).expect("the golden file is valid");
        let tensors = file.tensors().into_iter().map(|(name, view)| {
            let bytes = view.data();
            let values = match view.dtype() {
                Dtype::F64 => bytes
                    .chunks_exact(8)
                    .map(|b| f64::from_le_bytes(b.try_into().unwrap()))
                    .collect(),
                Dtype::I64 => bytes
                    .chunks_exact(8)
                    .map(|b| i64::from_le_bytes(b.try_into().unwrap()) as f64)
                    .collect(),
                Dtype::BOOL => bytes.iter().map(|&b| f64::from(b)).collect(),
                other => panic!("{name} has type {other:?}"),
            };
            (name.to_string(), values)
        });
        Some(Self(tensors.collect()))
    }

    fn get(&self, name: &str) -> &[f64] {
        self.0
            .get(name)
            .unwrap_or_else(|| panic!("the golden file has no {name}"))
    }

    fn index(&self, name: &str) -> Vec<u32> {
        self.get(name).iter().map(|&x| x as u32).collect()
    }

    fn dataset(&self) -> Dataset {
        let base = self.index("fields/base");
        let nodes = |name: &str, first: usize, names: &[&str]| {
            let width = names.len();
            let values = self.index(name);
            let values: Vec<u32> = values
                .iter()
                .enumerate()
                .map(|(i, &v)| v - base[first + i % width])
                .collect();
            let fields = names.iter().enumerate().map(|(f, name)| Field {
                name: name.to_string(),
                vocabulary: (base[first + f + 1] - base[first + f]) as usize,
            });
            let fields: Vec<_> = fields.collect();
            let len = values.len() / width;
            Nodes {
                known: fields[0].vocabulary,
                fields,
                values,
                raw: (0..len as u64).collect(),
            }
        };
        Dataset {
            name: "golden".into(),
            synthetic: true,
            provenance: String::new(),
            origin: Default::default(),
            users: nodes("fields/user", 0, &["user_id", "age_range", "gender"]),
            items: nodes(
                "fields/item",
                3,
                &["item_id", "cat_id", "seller_id", "brand_id"],
            ),
            edges: Vec::new(),
            windows: Default::default(),
            train: Default::default(),
            valid: Default::default(),
            test: Default::default(),
        }
    }

    fn channels(&self, data: &Dataset) -> Channels {
        let csr = |c: &str| {
            let targets = self.index(&format!("graph/{c}/tgt"));
            let weights = vec![1.0; targets.len()];
            Csr {
                offsets: self.index(&format!("graph/{c}/off")),
                targets,
                weights,
            }
        };
        let (users, items) = (data.users.len(), data.items.len());
        Channels {
            users,
            items,
            user_item: csr("G"),
            user_user: csr("U"),
            item_item: csr("I"),
        }
    }

    fn batch(&self, data: &Dataset) -> Batch {
        let fields = |nodes: &Nodes| {
            let width = nodes.fields.len();
            (0..width)
                .map(|f| {
                    nodes
                        .values
                        .iter()
                        .skip(f)
                        .step_by(width)
                        .copied()
                        .collect()
                })
                .collect()
        };
        let blocks = ["G", "U", "I"].map(|c| {
            let block = self.block(c);
            let first = if c == "I" { data.users.len() as u32 } else { 0 };
            Some(ChannelBlock {
                rows: block.nodes.iter().map(|n| n + first).collect(),
                block,
            })
        });
        let users = self.index("batch/users");
        Batch {
            pairs: users.len(),
            labels: self.get("batch/y").iter().map(|&y| y as f32).collect(),
            user_fields: fields(&data.users),
            item_fields: fields(&data.items),
            pair_user: users,
            pair_item: self.index("batch/items"),
            blocks,
            noise: None,
        }
    }

    fn block(&self, c: &str) -> Block {
        let nodes = self.index(&format!("block/{c}/nodes"));
        let (mask, neighbors) = (
            self.get(&format!("block/{c}/1/mask")),
            self.index(&format!("block/{c}/1/nbr")),
        );
        let width = 8;
        assert!(
            neighbors.starts_with(&self.index(&format!("block/{c}/2/nbr"))),
            "rows serve every layer"
        );
        let mut block = Block {
            roots: self.index(&format!("block/{c}/root")),
            offsets: vec![0],
            ..Block::default()
        };
        for t in 0..mask.len() / width {
            for slot in (t * width..(t + 1) * width).filter(|&slot| mask[slot] > 0.0) {
                block.neighbors.push(neighbors[slot]);
            }
            block.offsets.push(block.neighbors.len() as u32);
        }
        let roots = self.get(&format!("block/{c}/2/mask")).len() / width;
        block.within = vec![roots, mask.len() / width, nodes.len()];
        block.weights = vec![1.0; block.neighbors.len()];
        block.degrees = vec![1; nodes.len()];
        block.nodes = nodes;
        block
    }

    /// The golden name of one of our parameters, or the rows of the stacked tables that it holds.
    fn of(&self, kind: &str, name: &str, tables: &BTreeMap<String, (usize, usize)>) -> Vec<f64> {
        if let Some(&(first, rows)) = tables.get(name) {
            let stacked = self.get(&format!("{kind}/E"));
            return stacked[first * 16..(first + rows) * 16].to_vec();
        }
        let short = match name {
            "expert.weight1" => "A1".into(),
            "expert.bias1" => "a1".into(),
            "expert.weight2" => "A2".into(),
            "expert.bias2" => "a2".into(),
            "gate.weight1" => "G1".into(),
            "gate.bias1" => "c1".into(),
            "gate.weight2" => "G2".into(),
            "gate.bias2" => "c2".into(),
            "gate.weight3" => "G3".into(),
            "gate.bias3" => "c3".into(),
            "head.weight" => "v".into(),
            "head.bias" => "bk".into(),
            "log_variance" => "s".into(),
            other => {
                let [_, channel, part] = other.split('.').collect::<Vec<_>>()[..] else {
                    panic!("{other}")
                };
                let channel = match channel {
                    "user_item" => "G",
                    "user_user" => "U",
                    _ => "I",
                };
                let part = match part {
                    "w_query" => "Wq",
                    "w_key" => "Wk",
                    "w_message" => "W",
                    "w_input" => "Wx",
                    "w_hidden" => "Wh",
                    _ => "b",
                };
                format!("{channel}.{part}")
            }
        };
        self.get(&format!("{kind}/{short}")).to_vec()
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// Largest difference relative to the largest expected value.
fn difference(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(1e-12f64, |m, x| m.max(x.abs()));
    let gap = found
        .iter()
        .zip(expected)
        .fold(0.0f64, |m, (&f, e)| m.max((f64::from(f) - e).abs()));
    gap / scale
}

fn check(device: Device) {
    let Some(golden) = Golden::open() else { return };
    let data = golden.dataset();
    let config = Config {
        model: ModelConfig {
            d: 16,
            ..ModelConfig::default()
        },
        batch: 32,
        ..Config::default()
    };
    let device = device.autodiff();
    let mut build = Builder::new(&device, 1);
    let model = Moge::new(&mut build, &config.model, &data, [0.5; 2]);
    let mut p = build.finish();
    let base = golden.index("fields/base");
    let names = [
        "user_id",
        "age_range",
        "gender",
        "item_id",
        "cat_id",
        "seller_id",
        "brand_id",
    ];
    let tables: BTreeMap<String, (usize, usize)> = names
        .iter()
        .enumerate()
        .map(|(f, name)| {
            (
                format!("embedding.{name}"),
                (base[f] as usize, (base[f + 1] - base[f]) as usize),
            )
        })
        .collect();
    for parameter in p.iter_mut() {
        let given: Vec<f32> = golden
            .of("param", &parameter.name, &tables)
            .iter()
            .map(|&x| x as f32)
            .collect();
        let data = burn::tensor::TensorData::new(given, parameter.value.dims());
        parameter.value = Tensor::from_data(data, &device).require_grad();
    }

    let batch = golden.batch(&data);
    let encoded = model.encode(&p, &batch);
    let output = model.score(&p, &batch, &encoded, 0..batch.pairs);
    let loss = loss(&config, &model, &p, &batch, &output);
    let scores = output.scores.clone().unwrap();

    let close = |what: &str, found: &[f32], expected: &[f64]| {
        let gap = difference(found, expected);
        assert!(gap < 1e-4, "{what} differs by {gap:e}");
    };
    close(
        "logit",
        &values(output.logits.clone()),
        golden.get("out/logit"),
    );
    close(
        "gates",
        &values(output.gates.clone().unwrap()),
        golden.get("out/g"),
    );
    close(
        "s",
        &values(scores.expert + scores.graph),
        golden.get("out/s"),
    );
    close(
        "C",
        &values(loss.cross_entropy.clone()),
        golden.get("loss/C"),
    );
    close(
        "co",
        &values(loss.collaboration.clone()),
        golden.get("loss/co"),
    );
    close(
        "reg",
        &values(loss.regulariser.clone()),
        golden.get("loss/reg"),
    );
    close(
        "total",
        &values(loss.total.clone()),
        golden.get("loss/total"),
    );

    let gradients = loss.total.backward();
    let mut checked = 0;
    for parameter in p.iter() {
        let gradient = parameter
            .value
            .grad(&gradients)
            .expect("every parameter has a gradient");
        close(
            &parameter.name,
            &values(gradient),
            &golden.of("grad", &parameter.name, &tables),
        );
        checked += 1;
    }
    assert_eq!(checked, 7 + 3 * 6 + 4 + 6 + 3);

    let full = full_logits(&golden, &data, &model, &p);
    close("full neighbourhoods", &full, golden.get("full/logit"));
}

fn full_logits(golden: &Golden, data: &Dataset, model: &Moge, p: &Parameters) -> Vec<f32> {
    let channels = golden.channels(data);
    let mut assembler = Assembler::new([true; 3], Sampling::uniform(&[8, 4]), [3, 4], 0.0);
    let (users, items) = (golden.index("batch/users"), golden.index("batch/items"));
    let batch = assembler.pairs(data, &channels, &users, &items, Draw::Full);
    let p = p.detached();
    let encoded = model.encode(&p, &batch);
    values(model.score(&p, &batch, &encoded, 0..batch.pairs).logits)
}

#[test]
fn flex_own() {
    with(Form::Own, || check(Device::flex()));
}

#[test]
fn flex_stock() {
    with(Form::Stock, || check(Device::flex()));
}

#[test]
#[cfg(feature = "ndarray")]
#[allow(deprecated)]
fn ndarray_own() {
    with(Form::Own, || check(Device::ndarray()));
}

#[test]
#[cfg(feature = "ndarray")]
#[allow(deprecated)]
fn ndarray_stock() {
    with(Form::Stock, || check(Device::ndarray()));
}
