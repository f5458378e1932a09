//! The shared transformation (model.md 5.1): a node's vector is the sum of one row per field.

use std::ops::Range;

use burn::tensor::Tensor;

use super::batch::Batch;
use super::config::{Features, ModelConfig};
use super::parameters::{Builder, Id, Parameters};
use crate::data::{Dataset, Nodes};
use crate::op::lookup::lookup;

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

    /// The tables of the fields of users and of items, in the order of [`Batch::user_fields`] and
    /// [`Batch::item_fields`].
    pub fn tables(&self) -> [&[Id]; 2] {
        [&self.user, &self.item]
    }

    /// `p` of the distinct users and `q` of the distinct items, one above the other:
    /// `[users + items, d]`.
    pub fn nodes(&self, p: &Parameters, batch: &Batch) -> Tensor<2> {
        let sum = |tables: &[Id], fields: &[Vec<u32>]| {
            let rows = tables
                .iter()
                .zip(fields)
                .map(|(&t, values)| lookup(p.get(t), values));
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
        let side = |tables: &[Id], fields: &[Vec<u32>], rows: &[u32]| -> Vec<Tensor<2>> {
            let vectors = tables.iter().zip(fields).map(|(&t, values)| {
                let values: Vec<u32> = rows.iter().map(|&r| values[r as usize]).collect();
                lookup(p.get(t), &values)
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
}
