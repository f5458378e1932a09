//! Charts against the numbers that they show.

use super::*;
use crate::ErrorKind;

fn curve(label: &str, color: &str, points: &[(f64, f64)]) -> Curve {
    let (label, color) = (label.to_owned(), color.to_owned());
    Curve {
        label,
        color,
        dash: false,
        points: points.to_vec(),
        band: Vec::new(),
    }
}

fn chart(curves: Vec<Curve>) -> ChartSpec {
    ChartSpec {
        x_label: "step".to_owned(),
        y_label: "GAUC".to_owned(),
        curves,
        y_range: None,
        reference: None,
        log_x: false,
        log_y: false,
        width_em: 57.0,
    }
}

/// The points of every polyline of a colour.
fn polylines(svg: &str, color: &str) -> Vec<Vec<(i32, i32)>> {
    let ours = |line: &&str| {
        line.starts_with("<polyline") && line.contains(&format!("stroke=\"{color}\""))
    };
    svg.lines().filter(ours).map(points).collect()
}

/// The points of a polyline or a polygon.
fn points(line: &str) -> Vec<(i32, i32)> {
    let pair = |text: &str| {
        let (x, y) = text.split_once(',').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    let points = line.split("points=\"").nth(1).unwrap();
    let points = points.split('"').next().unwrap();
    points.split_whitespace().map(pair).collect()
}

/// (y, text) of every text of a colour.
fn texts(svg: &str, color: &str) -> Vec<(i32, String)> {
    let mut lines = svg.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line.starts_with("<text") && line.contains(&format!("fill=\"{color}\"")) {
            let y = line
                .split(" y=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap();
            found.push((y.parse().unwrap(), lines.next().unwrap().to_owned()));
        }
    }
    found
}

#[test]
fn points_stand_where_the_axes_say() {
    let mut spec = chart(vec![curve(
        "a",
        "#1F77b4",
        &[(0.0, 0.0), (5.0, 0.75), (10.0, 1.0)],
    )]);
    spec.y_range = Some((0.0, 1.0));
    let svg = render(&spec).unwrap();
    assert!(svg.starts_with("<svg viewBox=\"0 0 1596 898\""));
    assert!(!svg.contains("<rect"), "the background is transparent");
    let line = &polylines(&svg, "#1f77b4")[0];
    let [(x0, y0), (x1, y1), (x2, y2)] = line[..] else {
        panic!("{line:?}")
    };
    assert!((2 * x1 - x0 - x2).abs() <= 1);
    assert!((f64::from(y0 - y1) / f64::from(y0 - y2) - 0.75).abs() < 0.005);
    let ticks: Vec<String> = texts(&svg, TEXT).into_iter().map(|text| text.1).collect();
    for label in ["0.2", "0.8", "10", "step", "GAUC"] {
        assert!(
            ticks.contains(&label.to_owned()),
            "{label} is not in {ticks:?}"
        );
    }
    assert!(svg.contains(&format!("stroke=\"{AXIS}\"")));
    assert!(svg.contains(&format!("stroke=\"{GRID}\"")));
}

#[test]
fn equal_ratios_are_equal_distances_on_logarithmic_axes() {
    let points = [(1.0, 1e-3), (10.0, 1e-2), (100.0, 1e-1)];
    let spec = ChartSpec {
        log_x: true,
        log_y: true,
        ..chart(vec![curve("", "#000001", &points)])
    };
    let line = &polylines(&render(&spec).unwrap(), "#000001")[0];
    assert!((2 * line[1].0 - line[0].0 - line[2].0).abs() <= 1);
    assert!((2 * line[1].1 - line[0].1 - line[2].1).abs() <= 1);
}

#[test]
fn end_labels_stand_at_the_ends_and_apart() {
    let spec = chart(vec![
        curve("MoGE", "#aa0001", &[(0.0, 0.5), (9.0, 0.7401)]),
        curve("NGCF", "#aa0002", &[(0.0, 0.5), (9.0, 0.74)]),
        curve("MLP", "#aa0003", &[(0.0, 0.5), (9.0, 0.6)]),
    ]);
    let svg = render(&spec).unwrap();
    let height = |color: &str| texts(&svg, color)[0].0;
    assert_eq!(texts(&svg, "#aa0001")[0].1, "MoGE");
    assert!(height("#aa0002") - height("#aa0001") >= EM as i32);
    let end = polylines(&svg, "#aa0003")[0][1].1;
    assert!((height("#aa0003") - end).abs() <= 1);
}

#[test]
fn a_narrow_chart_has_the_same_text_and_leaves_long_labels_out() {
    let points = [(0.0, 0.5), (1000.0, 0.7)];
    let mut spec = chart(vec![
        curve("MoGE", "#aa0001", &points),
        curve("MoGE, the run before", "#aa0002", &points),
    ]);
    let wide = render(&spec).unwrap();
    assert_eq!(texts(&wide, "#aa0002").len(), 1);
    spec.width_em = 30.0;
    let narrow = render(&spec).unwrap();
    assert!(narrow.contains("viewBox=\"0 0 840 473\""));
    assert!(narrow.contains("font-size=\"28\""));
    assert_eq!(texts(&narrow, "#aa0001").len(), 1);
    assert_eq!(texts(&narrow, "#aa0002").len(), 0);
    assert!(texts(&narrow, TEXT).len() < texts(&wide, TEXT).len());
    for width_em in [0.0, -3.0, 1e9, f64::NAN] {
        let spec = ChartSpec {
            width_em,
            ..chart(vec![])
        };
        assert_eq!(render(&spec).unwrap_err().kind(), ErrorKind::Config);
    }
}

#[test]
fn dashes_gaps_dots_and_the_reference_line() {
    let gap = [(0.0, 1.0), (1.0, f64::NAN), (2.0, 1.0), (3.0, 2.0)];
    let mut spec = chart(vec![
        curve("a", "#bb0001", &gap),
        curve("b", "#bb0002", &gap[2..]),
    ]);
    spec.curves[1].dash = true;
    spec.reference = Some(1.5);
    let svg = render(&spec).unwrap();
    assert_eq!(polylines(&svg, "#bb0001").len(), 1);
    assert!(
        svg.lines()
            .any(|l| l.starts_with("<circle") && l.contains("#bb0001"))
    );
    assert!(polylines(&svg, "#bb0002").len() > 10);
    assert!(polylines(&svg, REFERENCE).len() > 10);
}

#[test]
fn hostile_labels_are_text() {
    let hostile = "</text><script>alert(1)</script>\"'&\u{0}\u{1b}";
    let mut spec = chart(vec![curve(hostile, "#cc0001", &[(0.0, 1.0), (1.0, 2.0)])]);
    spec.x_label = hostile.to_owned();
    spec.y_label = "=\"#ABCDEF\"".to_owned();
    let svg = render(&spec).unwrap();
    assert!(!svg.contains("<script") && !svg.contains('\u{0}') && !svg.contains('\u{1b}'));
    assert!(svg.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&apos;&amp;"));
    assert!(svg.contains("=&quot;#ABCDEF&quot;"));
    let label = "ü".repeat(500);
    let mut spec = chart(vec![curve(&label, "#cc0001", &[(0.0, 1.0)])]);
    spec.width_em = 200.0;
    let svg = render(&spec).unwrap();
    assert!(svg.contains(&format!("\n{}…\n", "ü".repeat(LABEL_LENGTH - 1))));
}

#[test]
fn bad_colours_and_ranges_are_errors() {
    for color in [
        "", "red", "#12345", "#12345g", "#1234567", "#ü1234", "#+12345", "\"/><x",
    ] {
        let error = render(&chart(vec![curve("a", color, &[])])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{color}");
    }
    let upside_down = ChartSpec {
        y_range: Some((1.0, 0.0)),
        ..chart(vec![])
    };
    assert_eq!(render(&upside_down).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn no_number_breaks_a_chart() {
    let values = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        -1e38,
        1e38,
        0.0,
        -0.0,
        1.0,
        1.0 + f64::EPSILON,
        -3.0,
        1e15,
    ];
    for log_x in [false, true] {
        for log_y in [false, true] {
            for reference in [None, Some(f64::NAN), Some(0.5), Some(-1e300)] {
                let draw_points = |points: Vec<(f64, f64)>| {
                    let curves = vec![curve("a", "#dd0001", &points)];
                    let svg = render(&ChartSpec {
                        log_x,
                        log_y,
                        reference,
                        ..chart(curves)
                    });
                    assert!(svg.unwrap().trim_end().ends_with("</svg>"));
                };
                draw_points(vec![]);
                for a in values {
                    draw_points(vec![(a, a)]);
                    for b in values {
                        draw_points(vec![(a, b), (b, a)]);
                        draw_points(vec![(0.0, a), (1.0, b), (2.0, 3.0)]);
                    }
                }
            }
        }
    }
    assert!(render(&chart(vec![])).unwrap().contains("no data yet"));
}

#[test]
fn a_band_surrounds_its_line_in_the_same_colour() {
    let mut with_band = curve("a", "#1F77b4", &[(0.0, 0.5), (10.0, 0.5)]);
    with_band.band = vec![(0.0, 0.25, 0.75), (10.0, 0.0, 1.0)];
    let mut spec = chart(vec![with_band]);
    spec.y_range = Some((0.0, 1.0));
    let svg = render(&spec).unwrap();
    let line = &polylines(&svg, "#1f77b4")[0];
    let at = |tag: &str| svg.find(tag).unwrap();
    assert!(at("<polygon") < at("stroke=\"#1f77b4\""), "behind the line");
    let polygon = svg.lines().find(|l| l.starts_with("<polygon")).unwrap();
    assert!(polygon.contains("fill=\"#1f77b4\"") && polygon.contains("opacity=\"0.15\""));
    let points = points(polygon);
    let [(left, middle), (right, _)] = line[..] else {
        panic!("a line of two points")
    };
    // The heights 0.25, 0.75, 0 and 1 around the middle, which is 0.5.
    let quarter = (points[0].1 - points[3].1) as f64 / 2.0;
    assert_eq!(
        points[..4].iter().map(|p| p.0).collect::<Vec<_>>(),
        [left, right, right, left]
    );
    for (point, quarters) in points.iter().zip([1.0, 2.0, -2.0, -1.0]) {
        let expected = f64::from(middle) + quarters * quarter;
        assert!((f64::from(point.1) - expected).abs() <= 1.0, "{points:?}");
    }
}

#[test]
fn a_band_is_part_of_what_the_axis_holds() {
    let mut with_band = curve("a", "#1f77b4", &[(0.0, 0.5), (10.0, 0.5)]);
    with_band.band = vec![(0.0, -3.0, 4.0), (10.0, -3.0, 4.0)];
    let svg = render(&chart(vec![with_band])).unwrap();
    let ticks: Vec<String> = texts(&svg, TEXT).into_iter().map(|t| t.1).collect();
    assert!(
        ticks.contains(&"-2".to_owned()) && ticks.contains(&"4".to_owned()),
        "{ticks:?}"
    );
}

#[test]
fn a_band_is_cut_where_it_leaves_the_plot() {
    let mut with_band = curve("a", "#1f77b4", &[(0.0, 0.0), (4.0, 1.0)]);
    with_band.band = vec![(0.0, 0.0, 0.5), (4.0, 0.5, 2.5)];
    let mut spec = chart(vec![with_band]);
    spec.y_range = Some((0.0, 1.0));
    let svg = render(&spec).unwrap();
    let [(left, bottom), (right, top)] = polylines(&svg, "#1f77b4")[0][..] else {
        panic!("a line of two points")
    };
    let polygon = svg.lines().find(|l| l.starts_with("<polygon")).unwrap();
    let found = points(polygon);
    // The upper edge rises by 0.5 per unit of x and reaches 1 at x = 1.
    let expected = [(0.0, 0.0), (4.0, 0.5), (4.0, 1.0), (1.0, 1.0), (0.0, 0.5)];
    assert_eq!(found.len(), expected.len());
    for (point, (x, y)) in found.iter().zip(expected) {
        let across = f64::from(left) + x / 4.0 * f64::from(right - left);
        let down = f64::from(bottom) + y * f64::from(top - bottom);
        assert!((f64::from(point.0) - across).abs() <= 1.0, "{found:?}");
        assert!((f64::from(point.1) - down).abs() <= 1.0, "{found:?}");
    }
}

#[test]
fn bands_have_gaps_and_widen_the_x_axis() {
    let mut with_band = curve("a", "#1f77b4", &[(4.0, 2.0), (6.0, 2.0)]);
    with_band.band = [1.0, 2.0, f64::NAN, 8.0, 10.0]
        .map(|x| (x, 1.0, 3.0))
        .to_vec();
    let mut spec = chart(vec![with_band]);
    for log in [false, true] {
        (spec.log_x, spec.log_y) = (log, log);
        let svg = render(&spec).unwrap();
        let polygons = svg.lines().filter(|l| l.starts_with("<polygon"));
        let polygons: Vec<_> = polygons.map(points).collect();
        assert_eq!(polygons.len(), 2);
        let place = |x: f64| if log { x.log10() } else { (x - 1.0) / 9.0 };
        let (left, right) = (polygons[0][0].0, polygons[1][1].0);
        let line = &polylines(&svg, "#1f77b4")[0];
        for (point, x) in [(polygons[0][1], 2.0), (polygons[1][0], 8.0), (line[0], 4.0)] {
            let expected = f64::from(left) + place(x) * f64::from(right - left);
            assert!((f64::from(point.0) - expected).abs() <= 1.0, "{x}");
        }
    }
    // Nothing but a band is data all the same.
    spec.curves[0].points.clear();
    assert!(!render(&spec).unwrap().contains("no data yet"));
}

#[test]
fn a_message_without_a_band_is_read() {
    let text = r##"{"label":"a","color":"#1f77b4","dash":false,"points":[[0,1]]}"##;
    let read: Curve = serde_json::from_str(text).unwrap();
    assert_eq!(read, curve("a", "#1f77b4", &[(0.0, 1.0)]));
}
