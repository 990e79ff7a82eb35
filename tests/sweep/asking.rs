//! Questions on standard input, for optimisers.

use std::io::Write;
use std::process::Stdio;
use std::thread;

use super::Place;
use serde_json::Value as Json;

/// Asks these questions; returns the answers.
fn ask(place: &Place, options: &[&str], questions: &str) -> Vec<Json> {
    let mut command = place.command(&[&["sweep", "scenario.yaml", "--ask"], options].concat());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("started");
    let mut stdin = child.stdin.take().expect("piped");
    let output = thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(questions.as_bytes()).expect("asked"));
        child.wait_with_output().expect("ended")
    });
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let answers = String::from_utf8(output.stdout).expect("UTF-8");
    answers
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn answers_come_in_the_order_of_the_questions_and_are_those_of_a_sweep() {
    let place = Place::with_power_balance(&|text| text);
    let indicators = [
        "--indicators",
        "totals",
        "--indicators",
        "end=last(Storage.soc)",
    ];
    let values: Vec<String> = (1..=200).map(|value| value.to_string()).collect();
    let set = format!("Storage.max_energy={}", values.join(","));
    let sweep = [
        &["scenario.yaml", "--set", &set, "-o", "t.csv"],
        &indicators[..],
    ]
    .concat();
    place.sweep(&sweep).assert(0, &[]);
    let table = place.read("t.csv");
    let ends = table
        .lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().expect("a cell"));
    let ends: Vec<f64> = ends.map(|cell| cell.parse().expect("a number")).collect();
    let questions: Vec<String> = values
        .iter()
        .map(|value| {
            format!("{{\"id\": {value}, \"parameters\": {{\"Storage.max_energy\": {value}}}}}\n")
        })
        .collect();
    let answers = ask(&place, &indicators, &questions.concat());
    assert_eq!(answers.len(), 200);
    for (place, answer) in answers.iter().enumerate() {
        assert_eq!(answer["id"], place as u64 + 1);
        assert_eq!(answer["indicators"]["end"], ends[place]);
        assert!(answer["indicators"]["bought"].is_number(), "{answer}");
    }
}

#[test]
fn a_wrong_question_has_an_error_for_an_answer_and_the_others_go_on() {
    let place = Place::with_power_balance(&|text| text);
    let questions = "{\"Storage.max_energy\": 10}\n\nnonsense\n[1]\n{\"Storage.max\": 1}\n\
                     {\"id\": \"a\", \"parameters\": {\"Homes.houses\": -1}}\n{\"id\": 2, \"x\": 1, \"parameters\": {}}\n\
                     {\"Storage.max_energy\": -10}\n{\"Storage.max_energy\": 20}";
    let answers = ask(&place, &["--indicators", "mean(Storage.soc)"], questions);
    let said = |place: usize| {
        answers[place]["error"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(answers.len(), 8);
    assert!(
        answers[0]["indicators"]["mean(Storage.soc)"].is_number(),
        "{}",
        answers[0]
    );
    assert!(said(1).contains("one line of JSON"), "{}", said(1));
    assert!(said(2).contains("is an object"), "{}", said(2));
    assert!(said(3).contains("'Storage.max'"), "{}", said(3));
    assert_eq!(answers[4]["id"], "a");
    assert!(said(4).contains("houses"), "{}", said(4));
    assert!(said(5).contains("'x'"), "{}", said(5));
    assert!(said(6).contains("max_energy"), "{}", said(6));
    assert!(answers[7]["indicators"].is_object(), "{}", answers[7]);
}
