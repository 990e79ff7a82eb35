//! What a run leaves beside its rows in a file, and what it tells: once, although steps are made twice.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::process::Stdio;

use rig::{Ended, Node, Run, Trial, loop_scenario, placed, wait_for};

use super::{PACE, TICKS, interruption, loop_over, start, whole};

#[test]
fn standard_output_gets_each_row_once() {
    let alone = Trial::new(&loop_scenario(TICKS));
    alone.run(&["--local"]).assert(0, &[]);
    let node = Node::start();
    let trial = loop_over(&[node.address], TICKS);
    let out = trial.path("stdout");
    let options = [&PACE[..], &["--output", "-", "--patience", "0"]].concat();
    let stdout = File::create(&out).expect("created").into();
    let run = Run::start_with_streams(&mut trial.command(&options), stdout, Stdio::piped());
    wait_for("rows on standard output", || {
        let rows = fs::read_to_string(&out).expect("readable");
        (rows.lines().count() > 300).then_some(())
    });
    node.signal("KILL");
    let ended = Ended::from(run.finish());
    ended.assert(0, &["  lost ", "2,000 of 2,000 rows on standard output"]);
    assert!(fs::read_to_string(&out).ok() == alone.csv());
}

#[test]
fn a_parquet_file_has_each_row_once() {
    let parquet = |trial: &Trial| trial.path("out.parquet").display().to_string();
    let alone = Trial::new(&loop_scenario(TICKS));
    alone.run(&["--parquet", &parquet(&alone)]).assert(0, &[]);
    let node = Node::start();
    let trial = loop_over(&[node.address], TICKS);
    let run = start(&trial, &["--patience", "0", "--parquet", &parquet(&trial)]);
    trial.wait_for_row(300);
    node.signal("KILL");
    let ended = whole(&trial, run, TICKS);
    interruption(&ended);
    assert!(super::bytes(&trial, "out.parquet") == super::bytes(&alone, "out.parquet"));
}

#[test]
fn a_pace_is_kept_after_a_loss_and_nobody_makes_up_for_the_time() {
    let nodes = [Node::start(), Node::start()];
    let trial = loop_over(&nodes.each_ref().map(|node| node.address), TICKS);
    let run = start(&trial, &[]);
    trial.wait_for_row(300);
    nodes[0].signal("KILL");
    let ended = whole(&trial, run, TICKS);
    let held = interruption(&ended)["held_seconds"]
        .as_f64()
        .expect("a number");
    let seconds = super::summary(&ended)["seconds"]
        .as_f64()
        .expect("a number");
    // 2,000 ticks at 1,000 a second, and what it was held for, which is as long.
    let stepping = seconds - held;
    assert!(
        (1.8..30.0).contains(&stepping),
        "{seconds} s, of which {held} s held"
    );
    assert!(held >= 2.0);
}

/// A market whose bids do not cover the demand, which it says once, and a justice agent: both write files.
const MARKET: &str = "\
scenario:
  name: market
  start_time: '2012-01-01 00:00:00'
  end_time: '2012-01-01 00:05:00'
  time_resolution: 1
models:
- name: Gas
  type: GenerationCompanyAgent
  parameters: {company_name: Gas, automated_bids: true, bids_manual: null}
  inputs:
    portfolio: [{Technology: Gas, 'Capacity (MW)': 90, 'Cost (€/MWh)': 71, Availability: 1}]
- name: Demand
  type: Battery
  inputs: {flow2b: 0}
  states: {soc: 50}
- name: Homes
  type: Load
  parameters: {houses: 9, input_type: power, output_type: power}
- name: Auction
  type: Operator_Market
  parameters: {results_dir: market}
- name: Fairness
  type: JusticeAgent
  parameters:
    social_parameters: {Gas: {ownership: 0.9, local: 0.9, climate: 1}}
    justice_step: 50
    results_dir: results
connections:
- {from: Demand.p_out, to: Demand.flow2b, time_shifted: true}
- {from: Demand.soc, to: Homes.load}
- {from: Gas.bids, to: Auction.bids}
- {from: Homes.load_dem, to: Auction.demand}
- {from: Auction.demand, to: Fairness.demand}
- {from: Auction.market_results_summary, to: Fairness.market_results}
monitor:
  items: [Auction.market_clearing_price, Auction.market_results_summary, Fairness.justice_score]
";

/// All files that models wrote in a run, with what is in them.
pub(super) fn files(trial: &Trial) -> BTreeMap<String, Vec<u8>> {
    let top = trial.path("out.files");
    let (mut found, mut folders) = (BTreeMap::new(), vec![top.clone()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&top).expect("below it");
                found.insert(
                    name.display().to_string(),
                    fs::read(&path).expect("readable"),
                );
            }
        }
    }
    found
}

#[test]
fn files_of_models_are_the_same_and_what_models_say_is_told_once() {
    const SAID: &str = "do not cover the demand";
    let run = |node: Option<&Node>, on_node: &[&str], options: &[&str]| {
        let trial = Trial::new(&placed(MARKET, &|model| {
            let address = node.filter(|_| on_node.contains(&model))?.address;
            Some((address.ip().to_string(), address.port()))
        }));
        let run = trial.start(options);
        if let Some(node) = node {
            trial.wait_for_row(80);
            node.signal("KILL");
        }
        let ended = Ended::from(run.finish());
        ended.assert(0, &[SAID]);
        assert_eq!(ended.stderr.matches(SAID).count(), 1, "{}", ended.stderr);
        assert_eq!(
            ended.stderr.contains("the run goes on at tick "),
            node.is_some()
        );
        (trial.csv(), files(&trial))
    };
    let alone = run(None, &[], &["--local"]);
    assert!(alone.1.len() > 600, "{:?}", alone.1.keys());
    for on_node in [
        &["Fairness"][..],
        &["Auction"],
        &["Auction", "Fairness", "Homes"],
        &["Gas"],
    ] {
        let node = Node::start();
        let options = ["--pace", "200/s", "--patience", "0"];
        let spread = run(Some(&node), on_node, &options);
        assert!(spread == alone, "{on_node:?}: {:?}", spread.1.keys());
    }
}
