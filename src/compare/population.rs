//! The test pairs over which GAUC is reported: all of them, and the warm ones apart.

use crate::data::{Dataset, Nodes, TASKS, Task};
use crate::error::Result;
use crate::metric::Gauc;
use crate::model::moge::K;
use crate::train::evaluation::TaskScore;

/// Some test pairs, with their groups prepared.
#[derive(Clone, Debug)]
pub struct Population {
    /// `all` or `warm`.
    pub name: &'static str,
    /// What it holds, for people.
    pub title: &'static str,
    /// Places of the pairs in the test window, ascending.
    pub rows: Vec<u32>,
    groups: [Gauc; K],
}

impl Population {
    /// All test pairs, and the warm ones: those whose user and item both own a row of their id table,
    /// because they have an edge of G or occur in training.
    pub fn both(data: &Dataset) -> [Self; 2] {
        let test = &data.test;
        let owns = |nodes: &Nodes, node: u32| node > 0 && (node as usize) < nodes.known;
        let warm = |&i: &u32| {
            let i = i as usize;
            owns(&data.users, test.user[i]) && owns(&data.items, test.item[i])
        };
        let all: Vec<u32> = (0..test.len() as u32).collect();
        let known = all.iter().copied().filter(warm).collect();
        [
            ("all", "all test pairs", all),
            (
                "warm",
                "warm test pairs (user and item known from training)",
                known,
            ),
        ]
        .map(|(name, title, rows)| Self {
            name,
            title,
            groups: TASKS.map(|task| Gauc::of_users(test, &rows, task)),
            rows,
        })
    }

    /// The users' groups of a task.
    pub fn groups(&self, task: Task) -> &Gauc {
        &self.groups[task as usize]
    }

    /// One task's scores of these pairs, from the logits `[test, K]` of the whole window.
    pub fn scores(&self, task: Task, logits: &[f32]) -> Vec<f32> {
        let score = |&i: &u32| logits[i as usize * K + task as usize];
        self.rows.iter().map(score).collect()
    }

    /// The metrics of both tasks.
    ///
    /// # Errors
    ///
    /// When a logit is not finite.
    pub fn report(&self, logits: &[f32]) -> Result<[TaskScore; K]> {
        let [a, b] = TASKS.map(|task| self.groups(task).evaluate(&self.scores(task, logits)));
        Ok([a?.into(), b?.into()])
    }
}
