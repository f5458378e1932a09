//! The repulsion of all nodes on all nodes in O(n log n), by a quadtree (Barnes and Hut, 1986).

/// A cell acts as one point when its width is below this share of its distance.
const THETA: f32 = 1.1;
/// Cells with no more points are not divided; these points meet the other cells together.
const LEAF: usize = 16;
/// Smallest square of a distance that is told from 0.
const NEAREST: f32 = 1e-30;
/// Deepest level; points that coincide share a leaf.
const DEEPEST: u32 = 20;

/// One cell; cells stand in depth-first order.
struct Cell {
    /// Centre of mass.
    center: [f32; 2],
    mass: f32,
    /// Square of the distance from which the cell acts as one point.
    far: f32,
    /// The cell after this one's descendants.
    next: u32,
    /// Points of a leaf in `Quadtree::points`; empty in a divided cell.
    points: (u32, u32),
}

struct Body {
    position: [f32; 2],
    mass: f32,
    node: u32,
}

/// Masses at positions, grouped into cells.
pub(super) struct Quadtree {
    cells: Vec<Cell>,
    points: Vec<Body>,
}

impl Quadtree {
    /// The tree of the given points.
    pub fn new(positions: &[[f32; 2]], masses: &[f32]) -> Self {
        let body = |(node, (&position, &mass)): (usize, (&[f32; 2], &f32))| Body {
            position,
            mass,
            node: node as u32,
        };
        let points = positions.iter().zip(masses).enumerate().map(body).collect();
        let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
        for p in positions {
            for axis in 0..2 {
                low[axis] = low[axis].min(p[axis]);
                high[axis] = high[axis].max(p[axis]);
            }
        }
        let width = (high[0] - low[0]).max(high[1] - low[1]);
        let mut tree = Self {
            cells: Vec::with_capacity(positions.len()),
            points,
        };
        tree.divide(0, positions.len(), low, width, 0);
        tree
    }

    /// Adds the cell of `points[from..to]`, whose lower corner and width are given.
    fn divide(&mut self, from: usize, to: usize, corner: [f32; 2], width: f32, depth: u32) {
        if from == to {
            return;
        }
        let (mut mass, mut x, mut y) = (0.0, 0.0, 0.0);
        for body in &self.points[from..to] {
            mass += body.mass;
            x += body.mass * body.position[0];
            y += body.mass * body.position[1];
        }
        let leaf = to - from <= LEAF || depth == DEEPEST;
        let own = self.cells.len();
        self.cells.push(Cell {
            center: [x / mass, y / mass],
            mass,
            far: (width / THETA).powi(2),
            next: 0,
            points: if leaf {
                (from as u32, to as u32)
            } else {
                (0, 0)
            },
        });
        if !leaf {
            let half = width / 2.0;
            let middle = [corner[0] + half, corner[1] + half];
            let points = &mut self.points;
            let split_y = partition(points, from, to, |body| body.position[1] < middle[1]);
            let low = partition(points, from, split_y, |body| body.position[0] < middle[0]);
            let high = partition(points, split_y, to, |body| body.position[0] < middle[0]);
            self.divide(from, low, corner, half, depth + 1);
            self.divide(low, split_y, [middle[0], corner[1]], half, depth + 1);
            self.divide(split_y, high, [corner[0], middle[1]], half, depth + 1);
            self.divide(high, to, middle, half, depth + 1);
        }
        self.cells[own].next = self.cells.len() as u32;
    }

    /// Calls `show` with every node and the sum of `m d / |d|^2` over all other masses `m`, where
    /// `d` points from them to the node.
    pub fn for_each_repulsion(&self, mut show: impl FnMut(usize, [f32; 2])) {
        for leaf in &self.cells {
            let (from, to) = leaf.points;
            for bodies in self.points[from as usize..to as usize].chunks(LEAF) {
                let mut group = Group::new(bodies);
                self.repel(&mut group);
                for (at, body) in bodies.iter().enumerate() {
                    show(body.node as usize, [group.sum_x[at], group.sum_y[at]]);
                }
            }
        }
    }

    /// Adds what all masses do to the points of a group.
    fn repel(&self, group: &mut Group) {
        let mut at = 0;
        while let Some(cell) = self.cells.get(at) {
            if group.square_distance(cell.center) > cell.far {
                group.add(cell.center, cell.mass);
                at = cell.next as usize;
                continue;
            }
            let (from, to) = cell.points;
            for other in &self.points[from as usize..to as usize] {
                group.add(other.position, other.mass);
            }
            at += 1;
        }
    }
}

/// Points that lie close together, and the sums for each; what is behind the last one is not read.
struct Group {
    x: [f32; LEAF],
    y: [f32; LEAF],
    sum_x: [f32; LEAF],
    sum_y: [f32; LEAF],
    /// Lower and upper corner of the box around the points.
    low: [f32; 2],
    high: [f32; 2],
}

impl Group {
    /// At least one body, at most `LEAF`.
    fn new(bodies: &[Body]) -> Self {
        let axis = |axis: usize| {
            let mut all = [bodies[0].position[axis]; LEAF];
            for (place, body) in all.iter_mut().zip(bodies) {
                *place = body.position[axis];
            }
            all
        };
        let (x, y) = (axis(0), axis(1));
        let ends = |pick: fn(f32, f32) -> f32| [x, y].map(|all| all.into_iter().fold(all[0], pick));
        Self {
            x,
            y,
            sum_x: [0.0; LEAF],
            sum_y: [0.0; LEAF],
            low: ends(f32::min),
            high: ends(f32::max),
        }
    }

    /// Square of the distance from a position to the nearest place in the box.
    fn square_distance(&self, position: [f32; 2]) -> f32 {
        let beyond = |axis: usize| {
            let (low, high) = (self.low[axis], self.high[axis]);
            at_least(at_least(low - position[axis], position[axis] - high), 0.0)
        };
        beyond(0).powi(2) + beyond(1).powi(2)
    }

    /// Adds `mass d / |d|^2` to every point; nothing where it is the mass itself.
    fn add(&mut self, position: [f32; 2], mass: f32) {
        for at in 0..LEAF {
            let (dx, dy) = (self.x[at] - position[0], self.y[at] - position[1]);
            let share = mass / at_least(dx * dx + dy * dy, NEAREST);
            self.sum_x[at] += share * dx;
            self.sum_y[at] += share * dy;
        }
    }
}

/// The larger of two numbers. `f32::max` is a call of a function in WebAssembly, one for each number.
#[inline(always)]
fn at_least(x: f32, least: f32) -> f32 {
    if x > least { x } else { least }
}

/// Moves the points of a range that satisfy a condition to its front; returns where they end.
fn partition(points: &mut [Body], from: usize, to: usize, is_low: impl Fn(&Body) -> bool) -> usize {
    let mut end = from;
    for i in from..to {
        if is_low(&points[i]) {
            points.swap(i, end);
            end += 1;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;

    #[test]
    fn approximates_the_sum_over_all_pairs() {
        let mut stream = Key::new(1).stream();
        let positions: Vec<[f32; 2]> = (0..500)
            .map(|_| [stream.normal() as f32, stream.normal() as f32])
            .collect();
        let masses: Vec<f32> = (0..500).map(|_| 1.0 + stream.below(9) as f32).collect();
        let tree = Quadtree::new(&positions, &masses);
        let (mut error, mut total) = (0.0, 0.0);
        let mut met = 0;
        tree.for_each_repulsion(|a, [x, y]| {
            let mut exact = [0.0f64; 2];
            for b in (0..500).filter(|&b| b != a) {
                let d = [0, 1].map(|axis| f64::from(positions[a][axis] - positions[b][axis]));
                let share = f64::from(masses[b]) / (d[0] * d[0] + d[1] * d[1]);
                exact = [exact[0] + share * d[0], exact[1] + share * d[1]];
            }
            error += (f64::from(x) - exact[0]).hypot(f64::from(y) - exact[1]);
            total += exact[0].hypot(exact[1]);
            met += 1;
        });
        assert_eq!(met, 500);
        assert!(error / total < 0.05, "relative error {}", error / total);
    }

    #[test]
    fn points_that_coincide_do_not_repel_nor_recurse_forever() {
        let positions = vec![[0.5, 0.5]; 100];
        let tree = Quadtree::new(&positions, &[1.0; 100]);
        tree.for_each_repulsion(|_, force| assert_eq!(force, [0.0, 0.0]));
    }
}
