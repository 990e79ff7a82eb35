//! Plots of small results and of a large one.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{Window, gather, to_svg, to_text};
use crate::results::{Provenance, parse_moment};

fn result(csv: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.csv");
    fs::write(&path, csv).expect("written");
    (folder, path)
}

fn items(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

const DAY: &str = "date,A.pv_gen,B.soc,A.x\n2026-07-06,0,50,1\n2026-07-06 06:00:00,4,,1\n\
                   2026-07-06 12:00:00,8,60,1\n2026-07-06 18:00:00,0,70,1\n";

#[test]
fn a_plot_in_the_terminal_shows_the_line_with_its_axes() {
    let (_folder, path) = result(DAY);
    let plot = gather(
        &path,
        &items(&["A.pv_gen"]),
        Window::default(),
        &Provenance::default(),
    );
    let text = to_text(&plot.expect("a plot"), 40, false);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "            A.pv_gen, kW or kWh per step");
    assert!(lines[1].starts_with("         8 ┤"), "{text}");
    assert!(lines[8].starts_with("         0 ┤⡠"), "{text}");
    assert!(
        lines[9].ends_with("└────────────────────────────"),
        "{text}"
    );
    assert!(lines[10].trim_start().starts_with("6 Jul"), "{text}");
    assert!(
        lines.iter().all(|line| line.chars().count() <= 40),
        "{text}"
    );
    assert!(!text.contains('\x1b'));
}

#[test]
fn items_of_two_units_have_two_panels() {
    let (_folder, path) = result(DAY);
    let wanted = items(&["A.pv_gen", "B.soc", "A.pv_gen"]);
    let plot = gather(&path, &wanted, Window::default(), &Provenance::default());
    let svg = to_svg(&plot.expect("a plot"));
    for text in [
        ">A.pv_gen</text>",
        ">kW or kWh per step</text>",
        ">B.soc</text>",
        ">%</text>",
        ">12:00</text>",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    let lines = svg.matches("<path class=\"line s").count();
    assert_eq!(lines, 2, "an item that is named twice is there once");
    let gap = svg
        .split("line s1\" d=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    assert_eq!(
        gap.map(|line| line.matches('M').count()),
        Some(2),
        "{gap:?}"
    );
    #[cfg(feature = "png")]
    {
        let png = crate::chart::to_png(&svg).expect("drawn");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(&png[16..20], &1920_u32.to_be_bytes(), "twice as fine");
    }
}

#[test]
fn only_the_time_that_is_wanted_is_shown() {
    let (_folder, path) = result(DAY);
    let window = Window {
        from: parse_moment("2026-07-06 06:00"),
        to: parse_moment("2026-07-06 12:00"),
    };
    let plot = gather(&path, &items(&["A.pv_gen"]), window, &Provenance::default());
    assert_eq!(
        plot.expect("a plot").lines[0].values.range(),
        Some((4.0, 8.0))
    );
    let window = Window {
        from: parse_moment("2027-01-01"),
        to: None,
    };
    let none = gather(&path, &items(&["A.pv_gen"]), window, &Provenance::default());
    let error = none.expect_err("no row").to_string();
    assert!(
        error.ends_with("its rows are from 2026-07-06 00:00:00 to 2026-07-06 18:00:00"),
        "{error}"
    );
}

#[test]
fn an_item_that_is_not_there_is_told_with_the_one_that_is_meant() {
    let (_folder, path) = result(DAY);
    let said = |names: &[&str]| {
        let plot = gather(
            &path,
            &items(names),
            Window::default(),
            &Provenance::default(),
        );
        plot.expect_err("no such item").to_string()
    };
    let error = said(&["B.sok"]);
    assert!(
        error.ends_with("has no item 'B.sok', did you mean 'B.soc'?; it has A.pv_gen, B.soc, A.x"),
        "{error}"
    );
    assert!(said(&[]).starts_with("name an item to plot"));
}

#[test]
fn no_peak_of_many_rows_is_lost() {
    let mut csv = String::from("date,A.x\n");
    for row in 0..50_000 {
        let time = shared::time::WallTime::from_seconds(row * 60);
        let value = if row == 31_234 { 99.0 } else { 1.0 };
        writeln!(csv, "{time},{value}").expect("a string");
    }
    let (_folder, path) = result(&csv);
    let plot = gather(
        &path,
        &items(&["A.x"]),
        Window::default(),
        &Provenance::default(),
    );
    let plot = plot.expect("a plot");
    assert_eq!(plot.lines[0].values.range(), Some((1.0, 99.0)));
    let svg = to_svg(&plot);
    assert!(svg.len() < 100_000, "{}", svg.len());
    let peaks = plot.lines[0]
        .values
        .buckets()
        .iter()
        .filter(|bucket| bucket.high > 50.0);
    assert_eq!(
        peaks.map(|bucket| bucket.high_at).collect::<Vec<_>>(),
        [31_234 * 60]
    );
}
