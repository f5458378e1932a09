//! Figures against the numbers that they show.

use super::*;

const COLORS: [&str; 2] = ["#b5336b", "#5f45b5"];

fn interval(mean: f64, half: f64) -> Option<Interval> {
    Some(Interval {
        mean,
        low: mean - half,
        high: mean + half,
    })
}

fn spec(points: [Vec<Option<Interval>>; 2]) -> FigureSpec {
    let series = points
        .into_iter()
        .zip(["favourite", "purchase"])
        .zip(COLORS);
    FigureSpec {
        x_label: "GAUC".into(),
        categories: vec!["EP".into(), "Cross-Stitch+Graph".into(), "MLP".into()],
        series: series
            .map(|((points, label), color)| Series {
                label: label.into(),
                color: color.into(),
                points,
            })
            .collect(),
        reference: None,
        x_range: Some((0.5, 0.8)),
        width_em: 40.0,
    }
}

fn example() -> FigureSpec {
    spec([
        vec![interval(0.6, 0.05), None, interval(0.7, 0.0)],
        vec![
            interval(0.65, 0.02),
            interval(0.75, 0.1),
            interval(0.8, 0.0),
        ],
    ])
}

fn attribute(line: &str, name: &str) -> f64 {
    let value = line.split(&format!(" {name}=\"")).nth(1).unwrap();
    value.split('"').next().unwrap().parse().unwrap()
}

/// Lines of the SVG of one element in one colour.
fn elements<'a>(svg: &'a str, element: &'a str, color: &'a str) -> impl Iterator<Item = &'a str> {
    svg.lines().filter(move |line| {
        line.starts_with(&format!("<{element}")) && line.contains(&format!("\"{color}\""))
    })
}

/// Points of a polyline.
fn points(line: &str) -> Vec<(f64, f64)> {
    let text = line.split("points=\"").nth(1).unwrap();
    let pairs = text.split('"').next().unwrap().split_whitespace();
    let pairs = pairs.map(|pair| pair.split_once(',').unwrap());
    pairs
        .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
        .collect()
}

#[test]
fn means_and_ends_stand_where_the_axis_says() {
    let svg = figure(&example()).unwrap();
    // Circles of the first series; the first is the legend's.
    let circles: Vec<&str> = elements(&svg, "circle", COLORS[0]).skip(1).collect();
    assert_eq!(circles.len(), 2, "no marker where there is no point");
    let (first, last) = (attribute(circles[0], "cx"), attribute(circles[1], "cx"));
    // 0.1 of the 0.3 that the axis holds lies between the two means.
    let third = last - first;
    let squares: Vec<f64> = elements(&svg, "rect", COLORS[1])
        .skip(1)
        .map(|line| attribute(line, "x") + attribute(line, "width") / 2.0)
        .collect();
    for (found, value) in squares.iter().zip([0.65, 0.75, 0.8]) {
        let expected = first + (value - 0.6) / 0.1 * third;
        assert!(
            (found - expected).abs() <= 1.0,
            "{value}: {found}, {expected}"
        );
    }
    let whisker = elements(&svg, "polyline", COLORS[0])
        .map(points)
        .next()
        .unwrap();
    let expected = [first - 0.5 * third, first + 0.5 * third];
    assert!((whisker[0].0 - expected[0]).abs() <= 1.0);
    assert!((whisker[1].0 - expected[1]).abs() <= 1.0);
    assert_eq!(whisker[0].1, attribute(circles[0], "cy"));
}

#[test]
fn whiskers_end_at_the_edge_of_the_axis() {
    let svg = figure(&example()).unwrap();
    let whiskers: Vec<_> = elements(&svg, "polyline", COLORS[1]).map(points).collect();
    // 0.75 + 0.1 is beyond 0.8, where the last marker stands; it has no cap there.
    let last = elements(&svg, "rect", COLORS[1]).last().unwrap();
    let edge = attribute(last, "x") + attribute(last, "width") / 2.0;
    let longest = whiskers
        .iter()
        .filter(|line| line[0].1 == line[1].1)
        .max_by(|a, b| (a[1].0 - a[0].0).total_cmp(&(b[1].0 - b[0].0)))
        .unwrap();
    assert!((longest[1].0 - edge).abs() <= 1.0);
    let caps_at_edge = whiskers
        .iter()
        .filter(|line| line[0].0 == line[1].0 && line[0].1 == longest[0].1 - f64::from(MARKER))
        .count();
    assert_eq!(caps_at_edge, 1);
}

#[test]
fn everything_is_inside_and_named_at_every_width() {
    for width_em in [20.0, 22.0, 48.0, 90.0] {
        let svg = figure(&FigureSpec {
            width_em,
            ..example()
        })
        .unwrap();
        let size = svg.split("viewBox=\"0 0 ").nth(1).unwrap();
        let (width, rest) = size.split_once(' ').unwrap();
        let width: f64 = width.parse().unwrap();
        let height: f64 = rest.split('"').next().unwrap().parse().unwrap();
        for line in svg.lines().filter(|line| line.starts_with("<polyline")) {
            for (x, y) in points(line) {
                assert!((0.0..=width).contains(&x) && (0.0..=height).contains(&y));
            }
        }
        for line in svg.lines().filter(|line| line.starts_with("<text")) {
            assert!((0.0..=width).contains(&attribute(line, "x")));
            assert!((0.0..=height).contains(&attribute(line, "y")));
        }
        for name in ["EP", "MLP", "favourite", "purchase", "GAUC"] {
            assert!(svg.lines().any(|line| line == name), "{name} at {width_em}");
        }
    }
}

#[test]
fn the_reference_is_drawn_and_held_by_the_axis() {
    let with_reference = FigureSpec {
        reference: Some(0.5),
        x_range: None,
        ..example()
    };
    let svg = figure(&with_reference).unwrap();
    assert!(elements(&svg, "polyline", REFERENCE).count() > 3, "dashes");
    let without = FigureSpec {
        reference: None,
        ..with_reference
    };
    let svg = figure(&without).unwrap();
    assert_eq!(elements(&svg, "polyline", REFERENCE).count(), 0);
}

#[test]
fn wrong_figures_are_named() {
    let message = |change: &dyn Fn(&mut FigureSpec)| {
        let mut spec = example();
        change(&mut spec);
        figure(&spec).unwrap_err().to_string()
    };
    let short = message(&|spec| {
        spec.series[1].points.pop();
    });
    assert!(short.contains("series \"purchase\" has 2 points for 3 categories"));
    let nan = message(&|spec| spec.series[0].points[0] = interval(f64::NAN, 0.1));
    assert!(nan.contains("series \"favourite\" holds NaN"));
    let color = message(&|spec| spec.series[0].color = "red".into());
    assert!(color.contains("the colour of series \"favourite\" is \"red\""));
    let many = message(&|spec| spec.series = vec![spec.series[0].clone(); 5]);
    assert!(many.contains("cannot show 5 series"));
    assert!(message(&|spec| spec.width_em = 1.0).contains("cannot be 1 em wide"));
}
