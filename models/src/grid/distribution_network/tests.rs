//! Feeders, from one line to random trees, and what is refused.

use super::*;
use proptest::prelude::*;
use shared::files::MemoryFiles;
use shared::model::{Entries, Instance, ModelConfig, build};
use shared::time::{TimeGrid, WallTime};

fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(
        entries
            .iter()
            .map(|(key, value)| ((*key).into(), value.clone()))
            .collect(),
    )
}

fn list(values: Vec<Value>) -> Value {
    Value::List(values.into())
}

fn line(name: &str, from: &str, to: &str, ohm: (f64, f64)) -> Vec<(&'static str, Value)> {
    vec![
        ("name", Value::text(name)),
        ("from", Value::text(from)),
        ("to", Value::text(to)),
        ("length_km", Value::Int(1)),
        ("r_ohm_per_km", Value::Float(ohm.0)),
        ("x_ohm_per_km", Value::Float(ohm.1)),
        ("max_i_a", Value::Int(100)),
    ]
}

/// The feeder of the example: one line of 0.16 Ω.
fn one_line() -> Vec<(&'static str, Value)> {
    let line = line("l", "a", "b", (0.16, 0.0));
    vec![
        ("buses", list(vec![Value::text("a"), Value::text("b")])),
        ("lines", list(vec![map(&line)])),
    ]
}

fn transformer(more: &[(&str, Value)]) -> Value {
    let needed = [
        ("sn_kva", Value::Int(100)),
        ("vn_hv_kv", Value::Int(10)),
        ("vn_lv_kv", Value::Float(0.4)),
        ("vk_percent", Value::Int(4)),
        ("vkr_percent", Value::Int(1)),
    ];
    map(&[&needed[..], more].concat())
}

fn feeder(parameters: &[(&str, Value)]) -> Result<Instance, BuildError> {
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
        resolution: 900,
        ticks: 10,
    };
    let entries: Entries = parameters
        .iter()
        .map(|(k, v)| ((*k).into(), v.clone()))
        .collect();
    let config = ModelConfig {
        parameters: Some(entries),
        ..ModelConfig::default()
    };
    build(
        &DISTRIBUTION_NETWORK,
        &config,
        grid,
        &MemoryFiles::default(),
    )
    .map_err(|mut errors| errors.remove(0))
}

/// What a feeder publishes after steps with these powers.
struct Flow {
    instance: Instance,
    published: Vec<Option<Value>>,
}

impl Flow {
    fn new(parameters: &[(&str, Value)]) -> Self {
        let instance = feeder(parameters).expect("sound");
        let published = vec![None; instance.published.len()];
        Self {
            instance,
            published,
        }
    }

    fn step(&mut self, powers: &[(&str, f64)]) {
        let mut inputs = vec![None; self.instance.model_type.inputs.len()];
        for (name, power) in powers {
            let slot = self.instance.input_slot(name).expect("an input");
            inputs[slot.index()] = Some(Value::Float(*power));
        }
        self.instance
            .step(0, &inputs, &mut self.published)
            .expect("a step");
    }

    fn float(&self, name: &str) -> f64 {
        let slot = self.instance.published_slot(name).expect("published");
        let value = self.published[slot.index()].as_ref();
        value.and_then(Value::as_number).expect("a number").to_f64()
    }

    fn voltage(&self, bus: &str) -> Complex {
        let (size, angle) = (
            self.float(&format!("vm_{bus}")),
            self.float(&format!("va_{bus}")),
        );
        let angle = angle.to_radians();
        Complex::new(size * angle.cos(), size * angle.sin())
    }
}

#[test]
fn one_line_drops_what_the_quadratic_equation_says() {
    let mut flow = Flow::new(&one_line());
    flow.step(&[("load_b", 9.0)]);
    let voltage = f64::midpoint(1.0, (1.0_f64 - 4.0 * 0.009).sqrt());
    assert!((flow.float("vm_b") - voltage).abs() < 1e-9);
    assert!((voltage - 0.990_918).abs() < 5e-7);
    let loss = 1000.0 * (0.009 / voltage) * (0.009 / voltage);
    assert!((flow.float("p_loss") - loss).abs() < 1e-7);
    assert!((loss - 0.082_49).abs() < 5e-6);
    assert_eq!(flow.float("converged"), 1.0);
    assert_eq!(flow.float("flag_voltage"), 0.0);
}

#[test]
fn a_flow_that_cannot_be_leaves_what_there_was() {
    let mut flow = Flow::new(&one_line());
    flow.step(&[("load_b", 1000.0)]);
    assert_eq!(flow.float("vm_b"), 1.0, "of the type");
    assert_eq!(
        (flow.float("converged"), flow.float("flag_voltage")),
        (0.0, 1.0)
    );
    flow.step(&[("load_b", 9.0)]);
    let (voltage, power) = (flow.float("vm_b"), flow.float("p_grid"));
    flow.step(&[("load_b", 1000.0)]);
    assert_eq!(flow.float("vm_b"), voltage, "of the step before");
    assert_eq!(flow.float("p_grid"), power);
    assert_eq!(
        (flow.float("converged"), flow.float("flag_voltage")),
        (0.0, 1.0)
    );
}

#[test]
fn a_line_out_of_service_carries_nothing() {
    let mut spare = line("spare", "a", "b", (0.1, 0.0));
    spare.push(("in_service", Value::Bool(false)));
    let lines = list(vec![map(&line("l", "b", "a", (0.16, 0.0))), map(&spare)]);
    let mut parameters = one_line();
    parameters[1] = ("lines", lines);
    let mut flow = Flow::new(&parameters);
    flow.step(&[("load_b", 9.0)]);
    assert!(
        (flow.float("vm_b") - 0.990_918).abs() < 5e-7,
        "direction says nothing"
    );
    assert_eq!(
        (flow.float("i_spare"), flow.float("loading_spare")),
        (0.0, 0.0)
    );
}

#[test]
fn feeders_that_make_no_sense_are_refused() {
    let with = |key: &'static str, value: Value| {
        let mut parameters = one_line();
        parameters.retain(|(known, _)| *known != key);
        parameters.push((key, value));
        feeder(&parameters)
            .err()
            .map(|error| error.code.into_owned())
    };
    let sound = line("l", "a", "b", (0.16, 0.0));
    let changed = |key: &'static str, value: Value| {
        let mut line = sound.clone();
        line.retain(|(known, _)| *known != key);
        line.push((key, value));
        list(vec![map(&line)])
    };
    let names = |names: &[&str]| list(names.iter().map(|name| Value::text(name)).collect());
    let without = |key: &str| {
        let mut line = sound.clone();
        line.retain(|(known, _)| *known != key);
        list(vec![map(&line)])
    };
    let side_by_side = || list(vec![map(&sound), map(&line("m", "b", "a", (0.1, 0.0)))]);
    for (key, values) in [
        (
            "buses",
            vec![
                list(vec![]),
                names(&["a", "a"]),
                names(&["a", "b-c"]),
                names(&["a", ""]),
            ],
        ),
        ("root", vec![Value::text("c")]),
        (
            "lines",
            vec![
                list(vec![]),
                list(vec![Value::Int(1)]),
                list(vec![map(&sound), map(&sound)]),
                side_by_side(),
                changed("to", Value::text("a")),
                changed("to", Value::text("c")),
                changed("name", Value::text("l.1")),
                changed("length_km", Value::Int(-1)),
                changed("r_ohm_per_km", Value::Float(f64::NAN)),
                changed("max_i_a", Value::Int(0)),
                changed("parallel", Value::Float(1.5)),
                changed("parallel", Value::Int(0)),
                changed("in_service", Value::text("yes")),
                changed("in_service", Value::Bool(false)),
                changed("lenght_km", Value::Int(1)),
                without("x_ohm_per_km"),
            ],
        ),
        (
            "transformer",
            vec![
                map(&[]),
                Value::Int(1),
                transformer(&[("vkr_percent_", Value::Int(1))]),
                transformer(&[
                    ("tap_pos", Value::Int(50)),
                    ("tap_step_percent", Value::Int(-2)),
                ]),
            ],
        ),
    ] {
        for value in values {
            let shown = value.to_string();
            assert_eq!(
                with(key, value),
                Some(format!("invalid_parameter:{key}")),
                "{shown}"
            );
        }
    }
    assert_eq!(
        with("v_min", Value::Float(1.2)),
        Some("invalid_parameter:v_min".into())
    );
    assert_eq!(with("transformer", transformer(&[])), None);
    assert_eq!(with("root", Value::text("b")), None);
    // 'vm_min' is the lowest voltage.
    let clash = [("buses", names(&["min"])), ("lines", list(vec![]))];
    assert_eq!(
        feeder(&clash).expect_err("refused").code,
        "duplicate_attribute:vm_min"
    );
}

/// The bus before another one, resistance and reactance of the line between them, and load, generation and reactive
/// power of the other one.
type Twig = (usize, (f64, f64), (f64, f64, f64));

/// A tree of buses, each behind one that is there already, with what its line has and what is used there.
fn tree() -> impl Strategy<Value = Vec<Twig>> {
    let bus = |place: usize| {
        let power = (0.0_f64..6.0, 0.0_f64..6.0, -3.0_f64..3.0);
        (0..=place, (0.01_f64..0.2, 0.0_f64..0.2), power)
    };
    (1_usize..12).prop_flat_map(move |count| (0..count).map(bus).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn currents_and_voltages_keep_the_laws_of_kirchhoff(tree in tree(), has_transformer: bool) {
        let names: Vec<String> = (0..=tree.len()).map(|bus| format!("b{bus}")).collect();
        let of_line = |(place, (parent, ohm, _)): (usize, &Twig)| {
            map(&line(&format!("l{}", place + 1), &names[*parent], &names[place + 1], *ohm))
        };
        let mut parameters = vec![
            ("buses", list(names.iter().map(|name| Value::text(name)).collect())),
            ("lines", list(tree.iter().enumerate().map(of_line).collect())),
        ];
        if has_transformer {
            let iron = [("pfe_kw", Value::Float(0.3)), ("i0_percent", Value::Int(1))];
            parameters.push(("transformer", transformer(&iron)));
        }
        let mut flow = Flow::new(&parameters);
        let powers: Vec<(String, f64)> = tree.iter().enumerate().flat_map(|(place, (.., power))| {
            let (load, made, reactive) = *power;
            let name = |what: &str| format!("{what}_b{}", place + 1);
            [(name("load"), load), (name("gen"), made), (name("q"), reactive)]
        }).collect();
        let given: Vec<(&str, f64)> = powers.iter().map(|(name, power)| (&**name, *power)).collect();
        flow.step(&given);
        prop_assume!(flow.float("converged") == 1.0);

        let voltages: Vec<Complex> = names.iter().map(|name| flow.voltage(name)).collect();
        let mut currents = vec![Complex::default(); names.len()];
        let mut lost = 0.0;
        for (place, (parent, ohm, (load, made, reactive))) in tree.iter().enumerate().rev() {
            let bus = place + 1;
            // What leaves a bus is what comes to it: what is used there, and what goes on to others.
            let power = Complex::new(load - made, *reactive) * 1e-3;
            currents[bus] = currents[bus] + (power / voltages[bus]).conj();
            currents[*parent] = currents[*parent] + currents[bus];
            // Along a line the voltage drops by Z·I; 0.16 Ω is 1 p.u.
            let impedance = Complex::new(ohm.0, ohm.1) * (1.0 / 0.16);
            let drop = voltages[*parent] - voltages[bus] - impedance * currents[bus];
            prop_assert!(drop.abs() < 1e-9, "{drop:?}");
            let amperes = 1000.0 / (3.0_f64.sqrt() * 0.4) * currents[bus].abs();
            let told = flow.float(&format!("i_l{bus}"));
            prop_assert!((told - amperes).abs() < 1e-6, "{told} {amperes}");
            lost += impedance.re * currents[bus].abs() * currents[bus].abs() * 1000.0;
        }
        let used: f64 = tree.iter().map(|(.., (load, made, _))| load - made).sum();
        let (grid, loss) = (flow.float("p_grid"), flow.float("p_loss"));
        prop_assert!((grid - used - loss).abs() <= 1e-9 * (grid.abs() + used.abs() + 1.0));
        prop_assert!(loss >= lost - 1e-6, "{loss} {lost}");
        prop_assert!(has_transformer || (loss - lost).abs() <= 1e-6, "{loss} {lost}");
    }
}
