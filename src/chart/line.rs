//! The geometry of lines: gaps, clipping, and labels that do not overlap.

/// A point in axis space.
pub(super) type Point = (f64, f64);

/// The visible runs of a line: it breaks at missing points and is cut at heights `low` and `high`.
pub(super) fn visible_runs(
    points: impl Iterator<Item = Option<Point>>,
    low: f64,
    high: f64,
) -> Vec<Vec<Point>> {
    let inside = |point: Point| low <= point.1 && point.1 <= high;
    let mut runs: Vec<Vec<Point>> = Vec::new();
    let mut last: Option<Point> = None;
    for point in points {
        match (last, point) {
            (Some(from), Some(to)) => {
                if let Some((start, end)) = clip(from, to, low, high) {
                    if !inside(from) {
                        runs.push(vec![start]);
                    }
                    if let Some(run) = runs.last_mut() {
                        run.push(end);
                    }
                }
            }
            (None, Some(to)) if inside(to) => runs.push(vec![to]),
            _ => {}
        }
        last = point;
    }
    runs
}

/// The part of a segment between two heights.
fn clip(from: Point, to: Point, low: f64, high: f64) -> Option<(Point, Point)> {
    if from.1.max(to.1) < low || from.1.min(to.1) > high {
        return None;
    }
    let cut = |point: Point| {
        if point.1 < low {
            crossing(from, to, low)
        } else if point.1 > high {
            crossing(from, to, high)
        } else {
            point
        }
    };
    Some((cut(from), cut(to)))
}

/// Where a segment reaches a height that lies between its ends.
fn crossing(from: Point, to: Point, height: f64) -> Point {
    let t = (height - from.1) / (to.1 - from.1);
    (from.0 + t * (to.0 - from.0), height)
}

/// Outlines of the visible pieces of a band, from its slices (x, low, high): it breaks at missing
/// slices and is cut at heights `low` and `high`. A piece of one slice has no area and is left out.
pub(super) fn band_pieces(
    slices: impl Iterator<Item = Option<(f64, f64, f64)>>,
    low: f64,
    high: f64,
) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<(f64, f64, f64)>> = vec![Vec::new()];
    for slice in slices {
        match (slice, pieces.last_mut()) {
            (Some((x, a, b)), Some(piece)) => {
                piece.push((x, a.min(b), a.max(b)));
            }
            _ => pieces.push(Vec::new()),
        }
    }
    let outline = |piece: Vec<(f64, f64, f64)>| {
        let above = piece.iter().rev().map(|&(x, _, top)| (x, top));
        piece
            .iter()
            .map(|&(x, bottom, _)| (x, bottom))
            .chain(above)
            .collect::<Vec<_>>()
    };
    pieces
        .into_iter()
        .filter(|piece| piece.len() > 1)
        .map(|piece| cut(&outline(piece), low, |height| height >= low))
        .map(|piece| cut(&piece, high, |height| height <= high))
        .filter(|piece| piece.len() > 2)
        .collect()
}

/// The part of an outline on the inner side of an edge (Sutherland and Hodgman's clipping). Parts
/// that the edge separates stay joined along it, which has no area.
fn cut(outline: &[Point], edge: f64, inside: impl Fn(f64) -> bool) -> Vec<Point> {
    let mut kept = Vec::new();
    let before = outline.iter().cycle().skip(outline.len().saturating_sub(1));
    for (&from, &to) in before.zip(outline) {
        if inside(from.1) != inside(to.1) {
            kept.push(crossing(from, to, edge));
        }
        if inside(to.1) {
            kept.push(to);
        }
    }
    kept
}

/// Moves heights apart until neighbours differ by `gap`, within `low..=high` and in their order. If
/// they do not fit, they share the space evenly.
pub(super) fn spread(heights: &mut [f64], gap: f64, low: f64, high: f64) {
    let Some(intervals) = heights.len().checked_sub(1) else {
        return;
    };
    let gap = if intervals == 0 {
        gap
    } else {
        gap.min((high - low) / intervals as f64)
    };
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|&a, &b| heights[a].total_cmp(&heights[b]).then(a.cmp(&b)));
    let mut least = low;
    for &i in &order {
        heights[i] = heights[i].max(least);
        least = heights[i] + gap;
    }
    let mut most = high;
    for &i in order.iter().rev() {
        heights[i] = heights[i].min(most);
        most = heights[i] - gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_gaps_and_are_cut_at_the_edges() {
        let line = [
            Some((0.0, 0.5)),
            Some((1.0, 1.5)),
            None,
            Some((3.0, 0.2)),
            Some((4.0, -0.8)),
        ];
        assert_eq!(
            visible_runs(line.into_iter(), 0.0, 1.0),
            [vec![(0.0, 0.5), (0.5, 1.0)], vec![(3.0, 0.2), (3.2, 0.0)]]
        );
        // From below through the window to above, and back.
        let through = [Some((0.0, -1.0)), Some((3.0, 2.0)), Some((6.0, -1.0))];
        assert_eq!(
            visible_runs(through.into_iter(), 0.0, 1.0),
            [vec![(1.0, 0.0), (2.0, 1.0)], vec![(4.0, 1.0), (5.0, 0.0)]]
        );
        let hidden = [Some((0.0, 5.0)), Some((1.0, 6.0))];
        assert!(visible_runs(hidden.into_iter(), 0.0, 1.0).is_empty());
        assert_eq!(
            visible_runs([Some((0.0, 0.5))].into_iter(), 0.0, 1.0),
            [[(0.0, 0.5)]]
        );
    }

    #[test]
    fn bands_break_at_gaps_and_are_cut_at_the_edges() {
        let slices = [
            Some((0.0, 0.2, 0.4)),
            Some((1.0, 0.5, 1.4)),
            None,
            Some((3.0, 0.1, 0.2)),
        ];
        // The upper edge rises from 0.4 to 1.4 and reaches 0.9 halfway.
        let expected = [(0.0, 0.2), (1.0, 0.5), (1.0, 0.9), (0.5, 0.9), (0.0, 0.4)];
        assert_eq!(band_pieces(slices.into_iter(), 0.0, 0.9), [expected]);
        let hidden = [Some((0.0, 2.0, 3.0)), Some((1.0, 4.0, 5.0))];
        assert!(band_pieces(hidden.into_iter(), 0.0, 1.0).is_empty());
        assert!(band_pieces([None].into_iter(), 0.0, 1.0).is_empty());
        // Ends in the wrong order are a band all the same.
        let crossed = [Some((0.0, 0.4, 0.2)), Some((1.0, 0.3, 0.1))];
        let expected = [(0.0, 0.2), (1.0, 0.1), (1.0, 0.3), (0.0, 0.4)];
        assert_eq!(band_pieces(crossed.into_iter(), 0.0, 1.0), [expected]);
    }

    #[test]
    fn labels_are_moved_apart_in_their_order() {
        let mut heights = [50.0, 52.0, 10.0];
        spread(&mut heights, 20.0, 0.0, 100.0);
        assert_eq!(heights, [50.0, 70.0, 10.0]);
        let mut low = [99.0, 100.0, 98.0];
        spread(&mut low, 20.0, 0.0, 100.0);
        assert_eq!(low, [80.0, 100.0, 60.0]);
        let mut many = [5.0; 5];
        spread(&mut many, 40.0, 0.0, 100.0);
        assert_eq!(many, [0.0, 25.0, 50.0, 75.0, 100.0]);
        spread(&mut [], 1.0, 0.0, 1.0);
    }
}
