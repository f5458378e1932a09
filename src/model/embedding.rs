//! The shared transformation (model.md 5.1): a node's vector is the sum of one row per field.

use std::ops::Range;

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::batch::Batch;
use super::config::{Features, ModelConfig};
use super::parameters::{Builder, Id, Parameters};
use crate::data::{Dataset, Nodes};

/// One table per field of users and of items.
#[derive(Clone, Debug)]
pub struct Embedding {
    user: Vec<Id>,
    item: Vec<Id>,
}

impl Embedding {
    /// Creates `<prefix>embedding.user_id`, `.age_range`, ..., `<prefix>embedding.item_id`, ...
    pub fn new(build: &mut Builder, prefix: &str, config: &ModelConfig, data: &Dataset) -> Self {
        let mut tables = |nodes: &Nodes| {
            let fields = nodes.fields.iter().take(match config.features {
                Features::Ids => 1,
                Features::IdsAttrs => nodes.fields.len(),
            });
            let names = fields.map(|f| {
                build.table(
                    format!("{prefix}embedding.{}", f.name),
                    f.vocabulary,
                    config.d,
                )
            });
            names.collect()
        };
        Self {
            user: tables(&data.users),
            item: tables(&data.items),
        }
    }

    /// Number of fields in use, of users and of items.
    pub fn fields(&self) -> [usize; 2] {
        [self.user.len(), self.item.len()]
    }

    /// `p` of the distinct users and `q` of the distinct items, one above the other:
    /// `[users + items, d]`.
    pub fn nodes(&self, p: &Parameters, batch: &Batch) -> Tensor<2> {
        let device = self.device(p);
        let sum = |tables: &[Id], fields: &[Vec<u32>]| {
            let rows = tables
                .iter()
                .zip(fields)
                .map(|(&t, values)| lookup(p.get(t), values, &device));
            rows.reduce(|a, b| a + b)
                .expect("every node has an id field")
        };
        Tensor::cat(
            vec![
                sum(&self.user, &batch.user_fields),
                sum(&self.item, &batch.item_fields),
            ],
            0,
        )
    }

    /// Every field's vector of the user and the item of each pair in `range`, `[pairs, d]` each: what
    /// C3 regularises and what `xhat = fields` reads.
    pub fn pair_fields(
        &self,
        p: &Parameters,
        batch: &Batch,
        range: Range<usize>,
    ) -> Vec<Tensor<2>> {
        let device = self.device(p);
        let side = |tables: &[Id], fields: &[Vec<u32>], rows: &[u32]| -> Vec<Tensor<2>> {
            let vectors = tables.iter().zip(fields).map(|(&t, values)| {
                let values: Vec<u32> = rows.iter().map(|&r| values[r as usize]).collect();
                lookup(p.get(t), &values, &device)
            });
            vectors.collect()
        };
        let mut all = side(
            &self.user,
            &batch.user_fields,
            &batch.pair_user[range.clone()],
        );
        all.extend(side(
            &self.item,
            &batch.item_fields,
            &batch.pair_item[range],
        ));
        all
    }

    fn device(&self, p: &Parameters) -> Device {
        p.get(self.user[0]).device()
    }
}

/// The rows of a matrix at the given places.
pub fn lookup(matrix: Tensor<2>, rows: &[u32], device: &Device) -> Tensor<2> {
    matrix.select(0, indices(rows, device))
}

/// Indices as a tensor.
pub fn indices(rows: &[u32], device: &Device) -> Tensor<1, Int> {
    let rows: Vec<i32> = rows.iter().map(|&r| r as i32).collect();
    let n = rows.len();
    Tensor::from_data(TensorData::new(rows, [n]), device)
}
