//! A comparison as a drawing.

use super::table::{Cell, Table, View};
use crate::chart::{FigureSpec, Interval, Series, figure};
use crate::data::TASKS;
use crate::error::Result;
use crate::metric::half_interval;

/// GAUC of all arms over one population, means with Student's 95 % intervals over seeds.
///
/// # Errors
///
/// When the chart room refuses to draw it.
pub fn svg(table: &Table, view: &View) -> Result<String> {
    let interval = |cell: &Cell| {
        let summary = cell.summary?;
        let deviation = summary.deviation.unwrap_or(0.0);
        let half = half_interval(deviation, cell.gauc.len()).unwrap_or(0.0);
        Some(Interval {
            mean: summary.mean,
            low: summary.mean - half,
            high: summary.mean + half,
        })
    };
    let series = TASKS.map(|task| Series {
        label: task.name().into(),
        color: ["#b5336b", "#5f45b5"][task as usize].into(),
        points: view
            .cells
            .iter()
            .map(|cells| interval(&cells[task as usize]))
            .collect(),
    });
    figure(&FigureSpec {
        x_label: format!("GAUC, {}: mean and 95 % interval over seeds", view.title),
        categories: table
            .plan
            .arms
            .iter()
            .map(|arm| arm.title.clone())
            .collect(),
        series: series.to_vec(),
        reference: None,
        x_range: None,
        width_em: 48.0,
    })
}
