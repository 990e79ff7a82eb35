//! What people get wrong, and what is said about it where.

use crate::scenario::problems::Problems;
use crate::scenario::yaml::read;

/// The only problem of a text, as `line:column: message`.
fn fault(text: &str) -> String {
    let mut problems = Problems::new("t");
    assert!(read(text, &mut problems).is_none(), "accepted: {text:?}");
    let shown: Vec<String> = problems
        .iter()
        .map(|p| format!("{}: {}", p.position, p.message))
        .collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    shown[0].clone()
}

#[track_caller]
fn assert_fault(text: &str, place: &str, part: &str) {
    let found = fault(text);
    assert!(
        found.starts_with(&format!("{place}: ")) && found.contains(part),
        "{text:?}\n  {found}\n  wanted {place}: {part}"
    );
}

#[test]
fn indentation_with_tabs() {
    for text in [
        "a:\n\tb: 2\n",
        "a:\n  b: 1\n\tc: 2\n",
        "a:\n- b\n\t- c: 1\n",
    ] {
        let line = text.lines().position(|l| l.contains('\t')).unwrap_or(0) + 1;
        assert_fault(text, &format!("{line}:1"), "a tab in the indentation");
    }
    assert_fault("a:\n  b: 1\n  \tc: 2\n", "3:3", "a tab in the indentation");
}

#[test]
fn a_line_that_stands_too_deep_is_named_and_where_it_should_begin() {
    assert_fault("a: 1\n  b: 2\n", "2:3", "begin it in column 1");
    assert_fault("- name: A\n   type: B\n", "2:4", "begin it in column 3");
    assert_fault(
        "scenario:\n  name: x\n\n  # why\n    start: 'y'\n",
        "5:5",
        "column 5, and what it can belong to begins in column 1 or 3",
    );
}

#[test]
fn a_line_that_belongs_to_nothing_is_answered_with_which_columns_there_are() {
    assert_fault(
        "scenario:\n    name: x\n  start: y\n",
        "3:3",
        "column 3, and what it can belong to begins in column 1 or 5",
    );
    assert_fault(
        "models:\n  - name: A\n - name: B\n",
        "3:2",
        "column 1 or 3 or 5",
    );
    assert_fault(
        "- name: A\ntype: B\n",
        "2:1",
        "each entry of this list begins with '- '",
    );
    assert_fault("a: 1\n- b\n", "2:1", "a list entry stands here among keys");
}

#[test]
fn a_missing_colon_or_blank_is_found_in_its_own_line() {
    assert_fault("scenario\n  name: x\n", "1:9", "write 'scenario:'");
    assert_fault("a: 1\nmodels\n- name: x\n", "2:7", "write 'models:'");
    assert_fault(
        "scenario:\n  name:x\n  start: y\n",
        "2:7",
        "a blank is missing after this ':'",
    );
    assert_fault(
        "a: 1\nname:x\nb: 2\n",
        "2:5",
        "a blank is missing after this ':'",
    );
    assert_fault(
        "- name: A\n  type B\n  c: 1\n",
        "2:3",
        "no ': ' between a key and its value",
    );
    assert_fault(
        "- name: A\n-name: B\n",
        "2:1",
        "a blank is missing after this '-'",
    );
}

#[test]
fn a_quote_that_is_not_closed_is_found_where_it_opens() {
    assert_fault(
        "a: 'x\nb: 'y'\n",
        "1:4",
        "the ' that opens here is not closed in its line",
    );
    assert_fault("a: \"x\nb: 1\n", "1:4", "the \" that opens here");
    assert_fault("a: ['x', 'y]\nb: 'z'\n", "1:10", "the ' that opens here");
    assert_fault("a: it's 5\nb: 'x\n", "2:4", "the ' that opens here");
    assert_fault(
        "a: 'it's here'\n",
        "1:8",
        "after its closing '; a ' inside is written ''",
    );
}

#[test]
fn brackets_that_do_not_fit_are_found_where_they_open_or_close() {
    assert_fault(
        "items: [A.b\nfile: x\n",
        "1:8",
        "this '[' is not closed; add ']'",
    );
    assert_fault(
        "a: {b: 1\nc: [2]\n",
        "1:4",
        "this '{' is not closed; add '}'",
    );
    assert_fault(
        "a: [1, {b: 2]\n",
        "1:13",
        "this ']' closes a '{' (line 1); write '}'",
    );
    assert_fault("a: [1]]\nb: 2\n", "1:7", "this ']' closes nothing");
    assert_fault("a: {b: 1 c: 2}\n", "1:11", "a ',' is missing");
    assert_fault("a: ['b' 'c']\n", "1:9", "a ',' is missing before this");
    assert_fault("a: [1, , 2]\n", "1:8", "there is nothing before this ','");
}

#[test]
fn what_must_be_in_quotes_is_said_where_it_begins() {
    assert_fault(
        "name: Test: one\n",
        "1:7",
        "a text with ': ' in it must be in quotes",
    );
    assert_fault(
        "a: @x\n",
        "1:4",
        "a text that begins with '@' must be in quotes",
    );
    assert_fault("a: *.csv\n", "1:4", "must be in quotes");
    assert_fault("a: *x\n", "1:4", "if it is a text, put it in quotes");
    assert_fault(
        "a: \"data\\load.csv\"\n",
        "1:9",
        "write '/' in paths, or use single quotes",
    );
    assert_fault("a: - b\n", "1:4", "begins on a line of its own");
    assert_fault("a: | x\n  y\n", "1:6", "begins on the next line");
    assert_fault(
        "a: 1\u{1}\n",
        "1:5",
        "the character U+0001 has no place in a scenario",
    );
}
