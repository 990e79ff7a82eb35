//! Models that fail: the same rows and the same message wherever they run.

use std::fs;

use rig::{Ended, Node, Trial, assert_serves, loop_scenario, placed};

/// The message of an error, with its site left out.
fn without_site(ended: &Ended) -> String {
    let said = ended.stderr.split_once("error: ").expect("an error").1;
    let (before, after) = said.split_once(" on ").expect("a site");
    let (_, after) = after.split_once(" failed at tick ").expect("a tick");
    format!("{before} failed at tick {after}")
}

/// The loop, in which `Mill` reads a bad cell at tick 300 while others are ahead of it. Which file it
/// reads is said by another model, so that what is wrong in one is no reason not to begin.
fn loop_with_bad_cell() -> (String, String) {
    let scenario = loop_scenario(2000);
    let scenario = scenario.replace(
        "- {from: Tank.soc, to: Mill.load}\n",
        "- {from: Meter.wind, to: Mill.load}\n\
         - {from: Story.file_index_Load, to: Meter.file_index}\n",
    );
    let reader = "models:\n- {name: Story, type: Controller_StoryMode, parameters: {switch_step: \
                  5000}}\n- name: Meter\n  type: CSV\n  parameters: {file_path: [wind.csv, \
                  wind.csv]}\n";
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
