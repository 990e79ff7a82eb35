//! A type that somebody describes while the program runs, beside built-in ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::{Engine, Turn};
use shared::files::MemoryFiles;
use shared::index::Table;
use shared::model::{
    Build, Input, InputSlot, Literal, Model, ModelType, Parameter, Published, PublishedSlot, Range,
    Registry, Step, StepError,
};
use shared::plan::{CONTROLLER, ModelId};
use shared::value::{Number, Value};

use crate::pages::{library, list_types, schema, show_type};
use crate::placement::{self, Snapshot, tests::cases::Collected};
use crate::scenario::{Graph, LoadError, load_text};

/// Delivers heat for electricity, as a foreign simulator would.
struct WarmPump {
    power: InputSlot,
    heat: PublishedSlot,
    cop: Number,
}

impl WarmPump {
    fn new(build: &Build<'_>) -> Self {
        let described = build.model_type();
        let cop = described.parameter_slot("cop").expect("described");
        Self {
            power: described.input_slot("power").expect("described"),
            heat: described.published_slot("heat").expect("described"),
            cop: build.number(cop),
        }
    }
}

impl Model for WarmPump {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let delivered = step.number(self.power)? * self.cop;
        step.publish_number(self.heat, delivered);
        Ok(())
    }
}

/// The built-in types and one that is described, as it might come over a wire: with nothing of this
/// program's own. The counter tells how many instances were built.
fn types(built: &Arc<AtomicUsize>) -> Registry {
    let text = |text: &str| text.to_owned();
    let built = Arc::clone(built);
    let mut described = ModelType::described(text("WarmPump"), move |build| {
        built.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(WarmPump::new(build)))
    });
    described.documentation =
        text("Heat pump: heat for electricity.\n\n # Model\n\n Q = c·P").into();
    described.is_repeatable = false;
    described.parameters = vec![Parameter {
        name: text("cop").into(),
        symbol: text("c").into(),
        default: Some(Literal::Int(3)),
        range: Range::POSITIVE,
        meaning: text("coefficient of performance").into(),
        ..Parameter::number("", "-", "")
    }]
    .into();
    described.inputs = vec![Input {
        name: text("power").into(),
        unit: text("kW").into(),
        symbol: text("P").into(),
        meaning: text("electricity").into(),
        ..Input::number("", "", "")
    }]
    .into();
    described.published = vec![Published {
        name: text("heat").into(),
        unit: text("kW").into(),
        symbol: text("Q").into(),
        meaning: text("heat that is delivered").into(),
        ..Published::output("", "", "")
    }]
    .into();
    let mut types = models::CATALOGUE.clone();
    types.add(described).expect("a sound description");
    types
}

fn scenario(pump: &str, connection: &str) -> String {
    format!(
        "scenario: {{name: s, start_time: '2012-02-01 00:00:00', end_time: '2012-02-01 00:45:00'}}
models:
- {{name: Grid, type: Constant, parameters: {{power: 2}}, outputs: {{power: 0}}}}
- {{name: Pump, type: WarmPump{pump}}}
- {{name: Sum, type: Adder, inputs: {{in1: 0, in2: 1}}}}
connections:
- {connection}
- {{from: Pump.heat, to: Sum.in1}}
monitor: {{items: [Pump.heat, Sum.out1]}}
"
    )
}

const CONNECTION: &str = "{from: Grid.power, to: Pump.power}";

fn load(text: &str) -> Result<(Graph, Vec<String>), Vec<String>> {
    let shown =
        |problem: &crate::scenario::Problem| format!("{}: {}", problem.code, problem.message);
    match load_text(
        "s.yaml",
        text,
        &types(&Arc::default()),
        &MemoryFiles::default(),
    ) {
        Ok((graph, warnings)) => Ok((graph, warnings.iter().map(shown).collect())),
        Err(LoadError::Refused(problems)) => Err(problems.iter().map(shown).collect()),
        Err(other) => panic!("{other}"),
    }
}

fn refusal(pump: &str, connection: &str) -> String {
    let problems = load(&scenario(pump, connection)).expect_err("refused");
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems[0].clone()
}

/// The rows of a graph in one process.
fn rows(graph: Graph) -> Vec<Vec<Value>> {
    let site_of = graph.models.iter().map(|_| CONTROLLER).collect();
    let plans = placement::plan(&graph, &site_of, 1, &Snapshot::start(&graph));
    let mut instances: Table<ModelId, _> =
        graph.models.into_iter().map(|m| Some(m.instance)).collect();
    let in_order = graph
        .order
        .iter()
        .filter_map(|&model| instances[model].take());
    let engine = Engine::new(&plans.sites[0], in_order.collect(), &plans.items);
    let (mut engine, mut rows) = (engine.expect("a sound plan"), Collected::default());
    while engine.run(1000, &mut rows).expect("collecting cannot fail") != Turn::Finished {}
    assert!(engine.failure().is_none());
    rows.rows
}

#[test]
fn instances_are_built_by_what_described_the_type() {
    let built = Arc::default();
    let types = types(&built);
    let text = scenario("", CONNECTION);
    for count in 1..=2 {
        load_text("s.yaml", &text, &types, &MemoryFiles::default()).expect("sound");
        assert_eq!(built.load(Ordering::Relaxed), count);
    }
}

#[test]
fn a_described_type_runs_beside_built_in_ones() {
    for (pump, heat) in [("", 6), (", parameters: {cop: 4}", 8)] {
        let (graph, warnings) = load(&scenario(pump, CONNECTION)).expect("a sound scenario");
        assert_eq!(warnings, [""; 0]);
        let row = vec![Value::Int(heat), Value::Int(heat + 1)];
        assert_eq!(rows(graph), [row.clone(), row.clone(), row]);
    }
}

#[test]
fn a_scenario_with_a_described_type_is_checked_like_any_other() {
    let said = refusal(", parameters: {cop: 0}", CONNECTION);
    assert!(
        said.starts_with("invalid_parameter:cop: model 'Pump'"),
        "{said}"
    );
    assert!(
        said.ends_with("'cop' must be in the range 0 < x, not 0"),
        "{said}"
    );
    let said = refusal(", parameters: {cop: warm}", CONNECTION);
    assert!(said.contains("must be a number, not 'warm'"), "{said}");
    let said = refusal(", parameters: {copp: 4}", CONNECTION);
    assert!(
        said.contains("did you mean 'cop'? (parameters: cop); it needs 'cop'"),
        "{said}"
    );
    let said = refusal("", "{from: Grid.power, to: Pump.powr}");
    assert!(
        said.contains("did you mean 'power'? (inputs: power)"),
        "{said}"
    );
    let said = refusal("", "{from: Grid.power, to: Sum.in2}");
    assert!(said.starts_with("missing_input:power"), "{said}");
    assert!(
        said.contains("'power' (electricity, kW), which it needs"),
        "{said}"
    );
    let said = refusal("s", CONNECTION);
    assert!(
        said.contains("there is no type 'WarmPumps', did you mean 'WarmPump'?"),
        "{said}"
    );
}

#[test]
fn units_and_kinds_of_a_described_type_are_compared() {
    let level = "{from: Store.soc, to: Pump.power}\n- {from: Grid.power, to: Store.flow2b}";
    let text = scenario("", level).replace(
        "- {name: Sum",
        "- {name: Store, type: Battery, states: {soc: 50}}\n- {name: Sum",
    );
    let (_, warnings) = load(&text).expect("runs");
    let units = warnings.iter().find(|w| w.starts_with("unit_mismatch"));
    let said = units.unwrap_or_else(|| panic!("{warnings:#?}"));
    assert!(
        said.contains("'Store.soc' is in % and 'Pump.power' wants kW"),
        "{said}"
    );

    let text = scenario("", CONNECTION).replace("{power: 2}", "{power: much}");
    let said = load(&text).expect_err("no number").join("\n");
    assert!(said.contains("type_mismatch"), "{said}");
}

#[test]
fn pages_and_schema_have_a_described_type() {
    let types = types(&Arc::default());
    let line = "WarmPump                Heat pump: heat for electricity.\n";
    assert!(list_types(&types).ends_with(line), "{}", list_types(&types));
    let page = show_type(&types.find("WarmPump").expect("added"));
    for part in [
        "\n  cop  c    required (3 without a section)  coefficient of performance (0 < x)\n",
        "\n  power  P  kW  must be connected, initially 0  electricity\n",
        "\nWhat it publishes may be something else in each run.\n",
        "\n# Model\n\nQ = c·P\n",
    ] {
        assert!(page.contains(part), "{part} is not in:\n{page}");
    }
    assert!(library(&types).contains("| [`WarmPump`](#warmpump) | Heat pump: heat"));
    let schema = schema(&types).to_string();
    for part in [
        r#""DistributionNetwork","WarmPump"]"#,
        "coefficient of performance",
    ] {
        assert!(schema.contains(part), "{part}");
    }
}
