//! Models that fail: the same rows and the same message wherever they run.

use std::fs;

use rig::{Ended, Node, Scenario, Trial, assert_serves, conformance_folder, loop_scenario, placed};

/// A scenario of the set that fails in mid-run.
fn failing(name: &str) -> Scenario {
    let path = conformance_folder().join(format!("fail/{name}.yaml"));
    Scenario {
        name: name.to_owned(),
        text: fs::read_to_string(path).expect("readable"),
        expected: String::new(),
        types: Vec::new(),
    }
}

/// The message of an error, with its site left out.
fn without_site(ended: &Ended) -> String {
    let said = ended.stderr.split_once("error: ").expect("an error").1;
    let (before, after) = said.split_once(" on ").expect("a site");
    let (_, after) = after.split_once(" failed at tick ").expect("a tick");
    format!("{before} failed at tick {after}")
}

#[test]
fn rows_before_a_failure_and_its_message_are_the_same_wherever_the_model_runs() {
    let mut node = Node::start();
    for (name, rows, said) in [
        (
            "f13_dst_spring_wall",
            8,
            "failed at tick 8 (2012-03-25 02:00:00): ./data/load_mar_wall.csv:",
        ),
        (
            "f14_file_too_coarse",
            1,
            "failed at tick 1 (2012-02-01 00:15:00): ./data/load_hourly.csv:4: the row for \
             2012-02-01 00:15:00 is due",
        ),
        (
            "f16_bad_cell",
            4,
            "failed at tick 4 (2012-02-01 01:00:00): ./data/bad_cell.csv:7: ",
        ),
    ] {
        let scenario = failing(name);
        let folder = conformance_folder();
        let here = Trial::with_data(&folder, &scenario.text);
        let ended_here = here.run(&["--quiet"]);
        ended_here.assert(3, &["error: model 'Meter' (CSV) on this machine ", said]);
        let there = Trial::with_data(&folder, &scenario.placed(&|_| Some(node.address)));
        let ended_there = there.run(&["--quiet"]);
        let site = format!("error: model 'Meter' (CSV) on node {} ", node.address);
        ended_there.assert(3, &[&site, said]);
        assert_eq!(without_site(&ended_here), without_site(&ended_there));
        let csv = here.csv().expect("a result");
        assert_eq!(csv.lines().count(), rows + 1, "{name}");
        assert!(csv.ends_with('\n'));
        assert_eq!(Some(csv), there.csv(), "{name}");
    }
    assert_serves(&mut node);
}

/// The loop, in which `Mill` reads a bad cell at tick 300 while others are ahead of it.
fn loop_with_bad_cell() -> (String, String) {
    let scenario = loop_scenario(2000);
    let scenario = scenario.replace(
        "- {from: Tank.soc, to: Mill.load}\n",
        "- {from: Meter.wind, to: Mill.load}\n",
    );
    let reader = "models:\n- name: Meter\n  type: CSV\n  parameters: {file_path: wind.csv}\n";
    let scenario = scenario.replace("models:\n", reader);
    let start = shared::time::WallTime::parse(rig::LOOP_START).expect("valid");
    let rows = (0..2000).map(|tick| {
        let cell = if tick == 300 { "calm" } else { "50" };
        format!("{},{cell}\n", start.plus(tick))
    });
    let data = format!("title\ntime,wind\n{}", rows.collect::<String>());
    (scenario, data)
}

#[test]
fn a_failure_in_a_feedback_loop_over_nodes_leaves_the_same_rows() {
    let mut nodes = [Node::start(), Node::start()];
    let (scenario, data) = loop_with_bad_cell();
    let run = |places: &[(&str, usize)]| {
        let trial = Trial::new(&placed(&scenario, &|model| {
            let (_, node) = places.iter().find(|(placed, _)| *placed == model)?;
            let address = nodes[*node].address;
            Some((address.ip().to_string(), address.port()))
        }));
        fs::write(trial.path("wind.csv"), &data).expect("written");
        let ended = trial.run(&["--quiet"]);
        ended.assert(
            3,
            &["failed at tick 300 (2012-01-01 00:05:00): wind.csv:303: "],
        );
        (trial.csv().expect("a result"), without_site(&ended))
    };
    let (csv, message) = run(&[]);
    assert_eq!(csv.lines().count(), 301);
    for places in [
        &[("Meter", 0)][..],
        &[("Cell", 0), ("Brain", 1)],
        &[("Meter", 0), ("Cell", 1)],
        &[("Meter", 1), ("Mill", 0), ("Brain", 1), ("Homes", 0)],
        &[
            ("Meter", 0),
            ("Mill", 0),
            ("Brain", 0),
            ("Cell", 0),
            ("Homes", 0),
            ("Tank", 0),
            ("Roof", 1),
        ],
    ] {
        assert_eq!((csv.clone(), message.clone()), run(places), "{places:?}");
    }
    nodes.iter_mut().for_each(assert_serves);
}

#[test]
fn the_inputs_of_a_model_that_fails_are_told() {
    let node = Node::start();
    let (scenario, data) = loop_with_bad_cell();
    let scenario = scenario
        .replace("Meter.wind, to: Mill.load}", "Tank.soc, to: Mill.load}")
        .replace(
            "Tank.p_out, to: Tank.flow2b, time_shifted: true}",
            "Meter.wind, to: Tank.flow2b}",
        );
    let run = |on_node: &[&str]| {
        let trial = Trial::new(&placed(&scenario, &|model| {
            let place = (node.address.ip().to_string(), node.address.port());
            on_node.contains(&model).then_some(place)
        }));
        fs::write(trial.path("wind.csv"), data.replace("calm", "nan")).expect("written");
        let ended = trial.run(&["--quiet"]);
        ended.assert(
            3,
            &[
                "failed at tick 300 (2012-01-01 00:05:00): ",
                "\n  its inputs: flow2b = nan",
            ],
        );
        (without_site(&ended), trial.csv())
    };
    let here = run(&[]);
    assert_eq!(here, run(&["Tank"]));
    assert_eq!(here, run(&["Meter"]));
    assert_eq!(here, run(&["Meter", "Tank"]));
}

#[test]
fn a_model_that_fails_at_its_first_step_leaves_an_old_result_alone() {
    let node = Node::start();
    let scenario = loop_scenario(100).replace("houses: 0.03", "houses: 9223372036854775807");
    for place in [
        None,
        Some((node.address.ip().to_string(), node.address.port())),
    ] {
        let trial = Trial::new(&placed(&scenario, &|model| {
            place.clone().filter(|_| model == "Homes")
        }));
        fs::write(trial.path("out.csv"), "old").expect("written");
        let said = [
            "model 'Homes' (Load) on ",
            " failed at tick 0 (2012-01-01 00:00:00): 'load_dem': integer result beyond 64 bits",
            "\n  its inputs: load = 80",
        ];
        trial.run(&[]).assert(3, &said);
        assert_eq!(trial.csv().as_deref(), Some("old"));
    }
}
