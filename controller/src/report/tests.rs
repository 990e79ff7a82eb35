//! Reports of hostile and of odd results.

use std::fs;

use crate::results::Provenance;

fn report_of(csv: &str, record: Option<&str>) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.csv");
    fs::write(&path, csv).expect("written");
    if let Some(record) = record {
        fs::write(folder.path().join("out.run.json"), record).expect("written");
    }
    let page = super::of(&path, &Provenance::of(&path)).expect("a result");
    assert_is_safe(&page);
    page
}

/// Nothing is fetched, nothing is run, and every picture is sound.
fn assert_is_safe(page: &str) {
    let without_names = page.replace("http://www.w3.org/2000/svg", "");
    for part in [
        "http:", "https:", "<script", "<img", "<link", "<iframe", "url(", "@import",
    ] {
        assert!(!without_names.contains(part), "{part}");
    }
    let tags = page
        .split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().expect("a part"));
    for tag in tags {
        let names: String = tag.split('"').step_by(2).collect();
        assert!(
            !names.contains(" on"),
            "an attribute that runs something: {tag}"
        );
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
    }
    let pictures = page.matches("<svg").count();
    assert_eq!(pictures, page.matches("</svg>").count());
    #[cfg(feature = "png")]
    for rest in page.split("<svg").skip(1) {
        let picture = format!("<svg{}</svg>", rest.split("</svg>").next().expect("a part"));
        let tree = resvg::usvg::Tree::from_str(&picture, &resvg::usvg::Options::default());
        assert!(tree.is_ok(), "{picture}");
    }
}

const HOSTILE: &str = "</title></style></svg><script>alert(1)</script>\\\" onload=\\\"x' \\u0000&";

#[test]
fn hostile_names_are_nothing_but_text() {
    let name = "A.</text><script>alert(1)</script>' onclick='x";
    let csv = format!(
        "date,\"{name}\",\"B.\"\"><img src=x>\",C.pv_gen,D.load_EV\n\
         2026-07-06,1,2,3,2\n2026-07-07,2,1,0,2\n2026-07-08 01:00,1,1,1,1\n"
    );
    let record = format!(
        "{{\"scenario\": \"{HOSTILE}\", \"version\": \"{HOSTILE}\", \"started\": \"{HOSTILE}\", \
          \"made_from\": [{{\"path\": \"{HOSTILE}\"}}], \"sites\": [{{\"name\": \"{HOSTILE}\"}}], \
          \"problems\": [{{\"severity\": \"warning\", \"message\": \"{HOSTILE}\"}}]}}"
    );
    let page = report_of(&csv, Some(&record));
    assert!(page.contains("<title>&lt;/title&gt;&lt;/style&gt;&lt;/svg&gt;&lt;script&gt;alert"));
    assert!(page.contains("A.&lt;/text&gt;&lt;script&gt;"));
    assert!(page.contains("B.&quot;&gt;&lt;img src=x&gt;"));
    for section in [
        "Totals",
        "Where energy comes from",
        "Load duration",
        "Items",
        "Days",
        "Remarks",
    ] {
        assert!(page.contains(&format!("<h2>{section}")), "{section}");
    }
}

#[test]
fn a_result_with_nothing_to_draw_has_a_report_as_well() {
    let empty = report_of("date,A.x,A.y\n", None);
    assert!(empty.contains("Without a number: A.x, A.y"));
    assert!(empty.contains("No item of the result is part of a balance of energy."));
    let text = report_of("date,A.x,A.y\n2026-07-06,,\"[1, 2]\"\n", Some("no JSON"));
    assert!(text.contains("Without a number: A.x, A.y"));
    let constant = report_of("date,A.x\n2026-07-06,5\n", Some("[]"));
    assert!(constant.contains("<path class=\"line s0\" d=\"M"));
    assert!(!constant.contains("<h2>Days"));
}
