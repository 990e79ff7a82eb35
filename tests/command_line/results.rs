//! Commands that say what a result says.

use std::fs;

use rig::workspace;

use crate::{controller, controller_with};

#[test]
fn a_result_is_summed_up_plotted_and_made_a_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let result = place("x.csv");
    controller(&["run", "-q", "scenarios/power-balance.yaml", "-o", &result]).assert(0, &[]);

    let totals = controller(&["totals", &result]);
    totals.assert(0, &[]);
    assert!(
        totals
            .stdout
            .starts_with("384 rows from 2026-07-06 00:00:00 to 2026-07-10 00:00:00, 96.00 hours\n")
    );
    for head in [
        "made",
        "used",
        "bought",
        "sold",
        "self-sufficiency",
        "full cycles",
    ] {
        assert!(
            totals.stdout.contains(&format!("\n  {head}")),
            "{}",
            totals.stdout
        );
    }
    assert!(
        totals
            .stderr
            .starts_with("note: no part of the balance: Control.res_load, Control.flow2b\n")
    );
    let json = controller(&["totals", &result, "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["totals"]["rows"], 384);
    let columns = json["columns"].as_array().expect("a list");
    for (name, unit) in [("Panels.pv_gen", Some("kW")), ("Storage.soc", Some("%"))] {
        let column = columns.iter().find(|column| column["name"] == name);
        assert_eq!(column.expect("monitored")["unit"].as_str(), unit, "{name}");
    }

    let plot = controller_with(&[("COLUMNS", "60")], &["plot", &result, "Storage.soc"]);
    plot.assert(0, &[]);
    assert!(
        plot.stdout.contains("Storage.soc, %\n") && plot.stdout.contains("⣀"),
        "{}",
        plot.stdout
    );
    for name in ["new/plot.svg", "plot.png"] {
        let picture = place(name);
        controller(&[
            "plot",
            &result,
            "Panels.pv_gen",
            "Storage.soc",
            "-o",
            &picture,
        ])
        .assert(0, &[]);
        assert!(fs::metadata(picture).expect("a picture").len() > 10_000);
    }
    let report = controller(&["report", &result]);
    report.assert(0, &[]);
    assert!(report.stdout.ends_with("x.html\n"), "{}", report.stdout);
    let page = fs::read_to_string(place("x.html")).expect("a page");
    assert!(page.contains("<title>power balance</title>") && page.contains("<h2>Days"));
}

#[test]
fn what_is_asked_for_in_vain_is_refused_with_what_would_be_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let result = folder.path().join("x.csv");
    fs::write(&result, "date,A.x\n2026-07-06,1\n").expect("written");
    let result = result.to_str().expect("UTF-8");
    for (arguments, code, said) in [
        (&["plot", result, "A.y"][..], 1, "did you mean 'A.x'?"),
        (&["plot", result], 1, "name an item to plot"),
        (
            &["plot", result, "A.x", "-o", "x.pdf"],
            1,
            "a plot is an .svg or a .png, and 'x.pdf' is neither",
        ),
        (
            &["plot", result, "A.x", "--from", "monday"],
            1,
            "such as '2026-07-06'",
        ),
        (
            &[
                "plot",
                result,
                "A.x",
                "--from",
                "2027-01-01",
                "--to",
                "2026-01-01",
            ],
            1,
            "--from is later than --to",
        ),
        (
            &["plot", result, "A.x", "-o", "/dev/null/x.svg"],
            5,
            "cannot write '/dev/null/x.svg'",
        ),
        (&["report", result, "-o", result], 1, "a report is an .html"),
        (
            &["totals", "scenarios/power-balance.yaml"],
            1,
            "power-balance.yaml:",
        ),
        (
            &["totals", result, "--scenario", "nowhere.yaml"],
            2,
            "there is no such file",
        ),
        (
            &["totals", "nowhere.csv"],
            1,
            "cannot read the result 'nowhere.csv': there is no such file",
        ),
    ] {
        let ended = controller(arguments);
        ended.assert(code, &[]);
        assert!(
            ended.stderr.contains(said),
            "{arguments:?}: {}",
            ended.stderr
        );
    }
}

#[test]
fn the_picture_of_the_guide_is_what_the_command_draws() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (result, picture) = (place("x.csv"), place("x.svg"));
    controller(&["run", "-q", "scenarios/power-balance.yaml", "-o", &result]).assert(0, &[]);
    let items = [
        "Panels.pv_gen",
        "Homes.load_dem",
        "Storage.soc",
        "-o",
        &picture,
    ];
    controller(&[&["plot", &result][..], &items].concat()).assert(0, &[]);
    let drawn = fs::read_to_string(picture).expect("a picture");
    let kept = workspace().join("docs/results.svg");
    if std::env::var_os("WRITE_README").is_some() {
        fs::write(kept, drawn).expect("written");
    } else {
        assert!(
            fs::read_to_string(kept).is_ok_and(|kept| kept == drawn),
            "draw docs/results.svg anew with WRITE_README=1"
        );
    }
}
