//! The page about the scenario file, `docs/scenario.md`, against the schema and the loader.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use shared::files::MemoryFiles;

use super::schema::schema;
use crate::scenario::load_text;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scenario.md");
    fs::read_to_string(path).expect("the page")
}

/// The rows of the tables of keys, by section and key.
fn rows(page: &str) -> BTreeMap<(String, String), String> {
    let mut section = String::new();
    let mut rows = BTreeMap::new();
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("## ").or(line.strip_prefix("### ")) {
            let name = title.trim_matches('`');
            section = if name == "At the top" { "" } else { name }.to_owned();
        } else if let Some(row) = line.strip_prefix("| `") {
            let key = row.split('`').next().unwrap_or_default().to_owned();
            let earlier = rows.insert((section.clone(), key), line.to_owned());
            assert!(earlier.is_none(), "twice: {line}");
        }
    }
    rows
}

/// The keys of a schema by section, with their own schemas and whether they are required.
fn keys(name: &str, schema: &Json, found: &mut BTreeMap<(String, String), (Json, bool)>) {
    let inner = [&schema["items"], &schema["additionalProperties"]];
    let mut inner = inner.into_iter();
    let object = inner.find(|inner| inner["properties"].is_object());
    let object = object.unwrap_or(schema);
    let Some(properties) = object["properties"].as_object() else {
        return;
    };
    let required = object["required"].as_array().cloned().unwrap_or_default();
    for (key, inner) in properties {
        let is_required = required.contains(&key.as_str().into());
        found.insert((name.to_owned(), key.clone()), (inner.clone(), is_required));
        keys(key, inner, found);
    }
}

#[test]
fn every_key_of_the_schema_is_on_the_page_and_no_other() {
    let mut keys_there = BTreeMap::new();
    keys("", &schema(&models::CATALOGUE), &mut keys_there);
    let rows = rows(&page());
    let there: Vec<_> = keys_there.keys().collect();
    assert_eq!(rows.keys().collect::<Vec<_>>(), there);
    for (place, (schema, is_required)) in &keys_there {
        let row = &rows[place];
        assert_eq!(row.contains("| required"), *is_required, "{row}");
        if let Some(default) = schema.get("default") {
            let default = default.as_str().map_or(default.to_string(), str::to_owned);
            assert!(row.contains(&format!("default {default}")), "{row}");
        }
        for limit in ["minimum", "maximum"] {
            if let Some(limit) = schema.get(limit) {
                assert!(row.contains(&limit.to_string()), "{row}");
            }
        }
    }
}

#[test]
fn what_the_page_shows_is_loaded() {
    let page = page();
    let mut blocks = page.split("```yaml\n").skip(1).map(|rest| {
        let (block, _) = rest.split_once("```").expect("an end");
        block.to_owned()
    });
    let mut text = blocks.next().expect("a whole scenario");
    let mut pieces = 0;
    for piece in blocks {
        let section = if piece.starts_with("- name") {
            "models:\n"
        } else {
            "connections:\n"
        };
        text = text.replace(section, &format!("{section}{piece}"));
        pieces += 1;
    }
    let mut files = MemoryFiles::default();
    let times = (0..24 * 4).map(|quarter| {
        let (hour, minute) = (quarter / 4, quarter % 4 * 15);
        format!("2026-07-06 {hour:02}:{minute:02}:00,1\n")
    });
    let data = format!("load\ntime,load\n{}", times.collect::<String>());
    files.insert("data/load.csv".to_owned(), data.as_bytes().to_vec());
    let (graph, warnings) = load_text("page.yaml", &text, &models::CATALOGUE, &files)
        .unwrap_or_else(|error| panic!("refused:\n{error}\n{text}"));
    assert_eq!((pieces, graph.models.len()), (3, 4));
    assert_eq!(warnings, []);
}
