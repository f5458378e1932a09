//! The forces on one level, and the steps of ForceAtlas2 (Jacomy et al., 2014).

use super::coarsen::Level;
use super::quadtree::Quadtree;

/// Strength of the repulsion between two unit masses at distance 1.
const REPULSION: f32 = 1.0;
/// Pull of a unit mass towards the centre at distance 1; it keeps the parts of a graph together.
const GRAVITY: f32 = 0.003;
/// How much swinging is tolerated for speed.
const TOLERANCE: f32 = 1.0;
/// Largest growth of the global speed in one iteration.
const SPEED_RISE: f32 = 1.5;
/// Largest step of a node in one iteration, relative to the layout's radius.
const LARGEST_STEP: f32 = 0.1;

/// Moves the nodes for a number of iterations; `moved` is called after each.
pub(super) fn relax(
    level: &Level,
    positions: &mut [[f32; 2]],
    iterations: usize,
    mut moved: impl FnMut(),
) {
    let n = level.len();
    let mut last = vec![[0.0f32; 2]; n];
    let mut forces = vec![[0.0f32; 2]; n];
    let mut speed = 1.0f32;
    for iteration in 0..iterations {
        add_forces(level, positions, &mut forces);

        // Swinging is erratic movement, traction useful movement.
        let (mut swinging, mut traction) = (0.0f32, 0.0f32);
        let mut radius = 0.0f32;
        for i in 0..n {
            let (now, before) = (forces[i], last[i]);
            swinging += level.masses[i] * length(now[0] - before[0], now[1] - before[1]);
            traction += level.masses[i] * length(now[0] + before[0], now[1] + before[1]) / 2.0;
            radius = radius.max(length(positions[i][0], positions[i][1]));
        }
        let aim = TOLERANCE * traction / swinging.max(f32::MIN_POSITIVE);
        speed = if iteration == 0 {
            aim
        } else {
            aim.min(speed * SPEED_RISE)
        };

        for i in 0..n {
            let (now, before) = (forces[i], last[i]);
            let swing = length(now[0] - before[0], now[1] - before[1]);
            let length = length(now[0], now[1]).max(f32::MIN_POSITIVE);
            let step = speed / (1.0 + speed * (level.masses[i] * swing).sqrt());
            let step = step.min(LARGEST_STEP * radius.max(1.0) / length);
            positions[i] = [
                positions[i][0] + step * now[0],
                positions[i][1] + step * now[1],
            ];
        }
        std::mem::swap(&mut last, &mut forces);
        moved();
    }
}

/// The force on every node: repulsion `m m' / d`, attraction `w sqrt(d)`, gravity `m d`.
fn add_forces(level: &Level, positions: &[[f32; 2]], forces: &mut [[f32; 2]]) {
    let tree = Quadtree::new(positions, &level.masses);
    tree.for_each_repulsion(|i, away| {
        let [x, y] = positions[i];
        let mass = level.masses[i];
        forces[i] = [
            mass * (REPULSION * away[0] - GRAVITY * x),
            mass * (REPULSION * away[1] - GRAVITY * y),
        ];
    });
    for i in 0..level.len() {
        for &(j, weight) in level.row(i) {
            let to = positions[j as usize];
            let (dx, dy) = (to[0] - positions[i][0], to[1] - positions[i][1]);
            let distance = length(dx, dy).max(f32::MIN_POSITIVE);
            let pull = weight / distance.sqrt();
            forces[i][0] += pull * dx;
            forces[i][1] += pull * dy;
        }
    }
}

/// Length of a vector; `hypot`, which also bears squares that overflow, takes several times as long.
fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}
