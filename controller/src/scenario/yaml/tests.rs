//! What is valid YAML here, and what it holds.

mod styles;

use super::*;

fn problems(text: &str) -> Vec<String> {
    let mut problems = Problems::new("t");
    let _ = read(text, &mut problems);
    let shown = problems
        .iter()
        .map(|p| format!("{}:{}", p.position, p.code));
    shown.collect()
}

/// The tree as text, without places.
fn shown(node: &Node) -> String {
    match &node.content {
        Content::Null => "null".to_owned(),
        Content::Bool(flag) => flag.to_string(),
        Content::Int(int) => int.to_string(),
        Content::Float(float) => format!("{float:?}"),
        Content::Text(text) => format!("{text:?}"),
        Content::Timestamp(written) => format!("time {written}"),
        Content::List(items) => {
            format!(
                "[{}]",
                items.iter().map(shown).collect::<Vec<_>>().join(", ")
            )
        }
        Content::Map(entries) => {
            let entry = |e: &Entry| format!("{}: {}", e.key.text, shown(&e.value));
            format!(
                "{{{}}}",
                entries.iter().map(entry).collect::<Vec<_>>().join(", ")
            )
        }
        Content::Unreadable => "?".to_owned(),
    }
}

fn tree(text: &str) -> String {
    let mut problems = Problems::new("t");
    let root = read(text, &mut problems).expect("readable");
    assert_eq!(problems.to_string(), "");
    shown(&root)
}

#[test]
fn quoted_and_block_scalars_are_text() {
    assert_eq!(
        tree("a: '5'\nb: \"\\t\"\nc: |\n  true\nd: >-\n  x\n  y\ne: ''\nf: no\n"),
        r#"{a: "5", b: "\t", c: "true\n", d: "x y", e: "", f: "no"}"#
    );
}

#[test]
fn plain_scalars_are_typed_by_our_own_table() {
    assert_eq!(
        tree("[yes, 010, 0o10, 1_000, 1e3, 1:30, 2012-01-01, ~, True, 0x1F, nULL]"),
        r#"["yes", 10, 8, 1000, 1000.0, "1:30", time 2012-01-01, null, true, 31, "nULL"]"#
    );
}

#[test]
fn a_byte_order_mark_windows_line_ends_and_trailing_commas_are_fine() {
    assert_eq!(tree("\u{feff}a: 1\r\nb: [2, 3,]\r\n"), "{a: 1, b: [2, 3]}");
}

#[test]
fn core_tags_say_what_a_scalar_is() {
    assert_eq!(
        tree(
            "[!!str 5, !!int '5', !!float 5, !!str , !!bool true, !!null ~, !!map {a: 1}, !!seq [1]]"
        ),
        r#"["5", 5, 5.0, "", true, null, {a: 1}, [1]]"#
    );
}

#[test]
fn other_tags_are_refused_all_at_once() {
    assert_eq!(
        problems(
            "a: !mine 5\nb: !!binary eA==\nc: !mine {x: 1}\nd: !!set {x}\ne: !<tag:x,1:y> z\n"
        ),
        [
            "1:4:unknown_tag",
            "2:4:unknown_tag",
            "3:4:unknown_tag",
            "4:4:unknown_tag",
            "5:4:unknown_tag"
        ]
    );
    assert_eq!(problems("a: !!int x\n"), ["1:4:invalid_yaml"]);
}

#[test]
fn aliases_stand_for_their_anchors() {
    assert_eq!(
        tree("a: &x [1, 2]\nb: *x\nc: &k key\n? *k\n: *x\n"),
        r#"{a: [1, 2], b: [1, 2], c: "key", key: [1, 2]}"#
    );
}

#[test]
fn merged_entries_come_first_and_own_ones_count() {
    assert_eq!(
        tree("- &a {x: 1, y: 2}\n- &b {y: 3, z: 4}\n- {<<: [*a, *b], z: 5, w: 6}\n- {'<<': 1}\n"),
        "[{x: 1, y: 2}, {y: 3, z: 4}, {y: 2, z: 5, x: 1, w: 6}, {<<: 1}]"
    );
    assert_eq!(problems("a: {<<: 1}\n"), ["1:9:invalid_merge"]);
    assert_eq!(
        problems("a: {<<: {b: 1}, <<: {c: 2}}\n"),
        ["1:17:duplicate_key"]
    );
}

#[test]
fn a_key_that_is_there_twice_is_refused() {
    assert_eq!(
        problems("a: 1\nb: {c: 1, c: 2}\na: 2\n"),
        ["2:11:duplicate_key", "3:1:duplicate_key"]
    );
    assert_eq!(problems("1: a\n'1': b\n"), ["2:1:duplicate_key"]);
}

#[test]
fn keys_are_texts_or_scalars_that_can_be_one() {
    assert_eq!(
        tree("{1: a, 1.5: b, true: c}"),
        r#"{1: "a", 1.5: "b", true: "c"}"#
    );
    assert_eq!(
        problems("~: 1\n? [a]\n: 2\n"),
        ["1:1:invalid_key", "2:3:invalid_key"]
    );
}

#[test]
fn scalars_without_a_value_are_refused() {
    assert_eq!(
        problems("- =\n- 99999999999999999999\n- -_\n"),
        [
            "1:3:invalid_scalar",
            "2:3:invalid_scalar",
            "3:3:invalid_scalar"
        ]
    );
}

#[test]
fn more_text_than_any_scenario_has_is_refused() {
    assert_eq!(problems(&" ".repeat(MAX_BYTES + 1)), ["1:1:too_large"]);
}
