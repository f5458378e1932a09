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
        .filter(|line| line[0].0 == line[1].0 && line[0].1 == longest[0].1 - f64::from(CAP))
        .count();
    assert_eq!(caps_at_edge, 1);
}

/// Left and right end of a text, as wide as its characters are taken to be, with the text.
fn texts(svg: &str) -> Vec<(f64, f64, String)> {
    let lines: Vec<&str> = svg.lines().collect();
    let texts = lines.windows(2).filter(|pair| pair[0].starts_with("<text"));
    let place = |pair: &[&str]| {
        let (x, width) = (attribute(pair[0], "x"), widest([pair[1]].into_iter()));
        let before = match pair[0].split("text-anchor=\"").nth(1).unwrap() {
            rest if rest.starts_with("start") => 0.0,
            rest if rest.starts_with("middle") => 0.5,
            _ => 1.0,
        };
        (
            x - before * width,
            x + (1.0 - before) * width,
            pair[1].to_owned(),
        )
    };
    texts.map(place).collect()
}

/// Where a tick stands.
fn tick(svg: &str, label: &str) -> f64 {
    let (left, right, _) = texts(svg).into_iter().find(|t| t.2 == label).unwrap();
    (left + right) / 2.0
}

fn size(svg: &str) -> (f64, f64) {
    let size = svg.split("viewBox=\"0 0 ").nth(1).unwrap();
    let (width, rest) = size.split_once(' ').unwrap();
    let height = rest.split('"').next().unwrap();
    (width.parse().unwrap(), height.parse().unwrap())
}

#[test]
fn markers_stand_over_their_values_between_their_whisker_ends() {
    let svg = figure(&example()).unwrap();
    let (low, high) = (tick(&svg, "0.50"), tick(&svg, "0.80"));
    let at = |value: f64| low + (value - 0.5) / 0.3 * (high - low);
    let near = |found: f64, expected: f64| (found - expected).abs() <= 1.5;
    let circles: Vec<&str> = elements(&svg, "circle", COLORS[0]).skip(1).collect();
    assert!(near(attribute(circles[0], "cx"), at(0.6)));
    assert!(near(attribute(circles[1], "cx"), at(0.7)));
    let lines: Vec<_> = elements(&svg, "polyline", COLORS[0]).map(points).collect();
    // The whisker, and its end caps, of which its ends are the middles.
    let [whisker, left, right] = &lines[..3] else {
        panic!("{lines:?}")
    };
    assert!(near(whisker[0].0, at(0.55)) && near(whisker[1].0, at(0.65)));
    for (cap, end) in [(left, whisker[0]), (right, whisker[1])] {
        assert_eq!((cap[0].0, cap[1].0), (end.0, end.0));
        assert_eq!((cap[0].1 + cap[1].1) / 2.0, end.1);
    }
}

#[test]
fn series_lie_around_the_middle_of_their_row() {
    let svg = figure(&example()).unwrap();
    let lines: Vec<&str> = svg.lines().collect();
    let name = lines.iter().position(|&line| line == "EP").unwrap();
    let row = attribute(lines[name - 1], "y");
    let circle = elements(&svg, "circle", COLORS[0]).nth(1).unwrap();
    let square = elements(&svg, "rect", COLORS[1]).nth(1).unwrap();
    let above = attribute(circle, "cy");
    let below = attribute(square, "y") + attribute(square, "height") / 2.0;
    assert!(above < row && row < below);
    assert!(((above + below) / 2.0 - row).abs() <= 1.0);
}

#[test]
fn everything_is_inside_and_named_at_every_width() {
    let mut spec = example();
    spec.x_label = "GAUC, unseen users: mean and 95 % interval over seeds".into();
    for label in ["pairs of cold users", "another"] {
        spec.series.push(Series {
            label: label.into(),
            ..spec.series[0].clone()
        });
    }
    for width_em in [16.0, 20.0, 22.0, 48.0, 90.0] {
        for x_range in [None, Some((0.5, 0.8)), Some((0.0, 1_000_000.0))] {
            let svg = figure(&FigureSpec {
                width_em,
                x_range,
                ..spec.clone()
            })
            .unwrap();
            let (width, height) = size(&svg);
            for line in svg.lines().filter(|line| line.starts_with("<poly")) {
                for (x, y) in points(line) {
                    assert!((0.0..=width).contains(&x) && (0.0..=height).contains(&y));
                }
            }
            for (left, right, text) in texts(&svg) {
                assert!(0.0 <= left && right <= width, "{text:?} at {width_em}");
            }
            for line in svg.lines().filter(|line| line.starts_with("<text")) {
                let y = attribute(line, "y");
                assert!(EM / 2.0 <= y && y + EM / 2.0 <= height);
            }
            let all: Vec<String> = texts(&svg).into_iter().map(|text| text.2).collect();
            assert!(!all.iter().any(|text| text.ends_with('…')), "{all:?}");
            for series in &spec.series {
                assert!(all.contains(&series.label));
            }
        }
    }
}

#[test]
fn long_names_take_more_lines_where_it_is_narrow() {
    let lines = |width_em| {
        let svg = figure(&FigureSpec {
            width_em,
            ..example()
        });
        let texts = texts(&svg.unwrap());
        texts.into_iter().map(|text| text.2).collect::<Vec<_>>()
    };
    assert!(lines(57.0).contains(&"Cross-Stitch+Graph".to_owned()));
    let narrow = lines(22.0);
    let first = narrow
        .iter()
        .position(|line| line == "Cross-Stitch")
        .unwrap();
    assert_eq!(narrow[first + 1], "+Graph");
}

#[test]
fn tick_labels_stay_apart() {
    for width_em in [10.0, 16.0, 22.0, 57.0, 120.0] {
        for x_range in [(0.5, 0.8), (0.7345, 0.7352), (0.0, 5e6), (-1e-9, 1e-9)] {
            let svg = figure(&FigureSpec {
                width_em,
                x_range: Some(x_range),
                ..spec([vec![None; 3], vec![None; 3]])
            })
            .unwrap();
            let number = |text: &String| text.replace(',', "").parse::<f64>().is_ok();
            let ticks: Vec<_> = texts(&svg).into_iter().filter(|t| number(&t.2)).collect();
            assert!(
                ticks.windows(2).all(|pair| pair[0].1 < pair[1].0),
                "{ticks:?}"
            );
            assert!(width_em < 16.0 || !ticks.is_empty(), "{x_range:?}");
        }
    }
}

#[test]
fn a_figure_without_points_says_so() {
    for spec in [
        spec([vec![None; 3], vec![None; 3]]),
        FigureSpec {
            categories: Vec::new(),
            series: Vec::new(),
            ..example()
        },
    ] {
        let svg = figure(&spec).unwrap();
        assert!(svg.lines().any(|line| line == "no data yet"));
    }
    assert!(!figure(&example()).unwrap().contains("no data yet"));
}

#[test]
fn the_height_grows_by_the_categories() {
    let height = |count: usize| {
        let mut spec = example();
        spec.categories = vec!["MLP".into(); count];
        for series in &mut spec.series {
            series.points = vec![interval(0.6, 0.1); count];
        }
        size(&figure(&spec).unwrap()).1
    };
    assert!(height(2) > height(1));
    assert!((height(15) - height(2) - 13.0 * (height(2) - height(1))).abs() <= 13.0);
}

#[test]
fn hostile_names_are_text() {
    let hostile = "</text><script>\u{0}";
    let mut spec = example();
    spec.x_label = hostile.into();
    spec.categories[0] = hostile.into();
    spec.series[0].label = hostile.into();
    let svg = figure(&spec).unwrap();
    assert!(!svg.contains("<script") && !svg.contains('\u{0}'));
    spec.categories[0] = "ü".repeat(5000);
    spec.series[0].label = "ü".repeat(5000);
    assert!(figure(&spec).unwrap().len() < 20_000);
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
    assert!(nan.contains("series \"favourite\" at category \"EP\" holds NaN"));
    let upside_down = message(&|spec| spec.series[1].points[1] = interval(0.5, -0.25));
    assert!(
        upside_down.contains("at category \"Cross-Stitch+Graph\" has a whisker from 0.75 to 0.25")
    );
    let range = message(&|spec| spec.x_range = Some((0.8, 0.5)));
    assert!(range.contains("cannot reach from 0.8 to 0.5"));
    let color = message(&|spec| spec.series[0].color = "red".into());
    assert!(color.contains("the colour of series \"favourite\" is \"red\""));
    let many = message(&|spec| spec.series = vec![spec.series[0].clone(); 5]);
    assert!(many.contains("cannot show 5 series"));
    assert!(message(&|spec| spec.width_em = 1.0).contains("cannot be 1 em wide"));
}
