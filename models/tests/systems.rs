//! Whole systems of types that convert and store energy: what flows into them is stored, used or lost, and no more
//! comes out.

use models::CATALOGUE;
use proptest::prelude::*;
use shared::files::MemoryFiles;
use shared::model::{Entries, Instance, ModelConfig};
use shared::time::{Tick, TimeGrid, WallTime};
use shared::value::{Number, Value};

/// Models in the order in which they step, and what connects them.
#[derive(Default)]
struct System {
    models: Vec<(&'static str, Instance, Vec<Option<Value>>)>,
    wires: Vec<Wire>,
    tick: Tick,
}

/// From an attribute to an input.
struct Wire {
    from: (&'static str, &'static str),
    to: (&'static str, &'static str),
    is_shifted: bool,
}

type Entry = (&'static str, Value);

fn section(entries: &[Entry]) -> Entries {
    let entries = entries.iter();
    entries.map(|(k, v)| ((*k).into(), v.clone())).collect()
}

impl System {
    /// Adds a model, with these parameters and initial states.
    fn add(
        &mut self,
        name: &'static str,
        model_type: &str,
        parameters: &[Entry],
        states: &[Entry],
    ) {
        let config = ModelConfig {
            name: name.to_owned(),
            model_type: model_type.to_owned(),
            parameters: Some(section(parameters)),
            states: Some(section(states)),
            ..ModelConfig::default()
        };
        let grid = TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
            resolution: 900,
            ticks: 1000,
        };
        let found = CATALOGUE.find(model_type).expect("in the catalogue");
        let built = shared::model::build(found, &config, grid, &MemoryFiles::default());
        let instance = built.unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let published = vec![None; instance.published.len()];
        self.models.push((name, instance, published));
    }

    fn connect(&mut self, wires: &[(&'static str, &'static str)], is_shifted: bool) {
        let ends = |text: &'static str| text.split_once('.').expect("a model and an attribute");
        self.wires.extend(wires.iter().map(|(from, to)| Wire {
            from: ends(from),
            to: ends(to),
            is_shifted,
        }));
    }

    fn model(&self, name: &str) -> &(&'static str, Instance, Vec<Option<Value>>) {
        let mut models = self.models.iter();
        models.find(|(known, ..)| *known == name).expect("a model")
    }

    /// What a model published last; before its first step what it begins with.
    fn value(&self, (name, attribute): (&str, &str)) -> Value {
        let (_, instance, published) = self.model(name);
        let slot = instance.published_slot(attribute).expect("published");
        let value = published[slot.index()].as_ref().or(instance.initial(slot));
        value.expect("declared").clone()
    }

    fn float(&self, attribute: &str) -> f64 {
        let ends = attribute.split_once('.').expect("a model and an attribute");
        let number = self.value(ends).as_number();
        number.map(Number::to_f64).expect("a number")
    }

    /// Steps all models, with these values at inputs that nothing is connected to.
    fn step(&mut self, given: &[(&str, f64)]) {
        let shown = |wire: &Wire| wire.is_shifted.then(|| self.value(wire.from));
        let before: Vec<Option<Value>> = self.wires.iter().map(shown).collect();
        for place in 0..self.models.len() {
            let name = self.models[place].0;
            let mut inputs = vec![None; self.models[place].1.model_type.inputs.len()];
            for (wire, before) in self.wires.iter().zip(&before) {
                if wire.to.0 != name {
                    continue;
                }
                let now = before.clone().unwrap_or_else(|| self.value(wire.from));
                let slot = self.models[place]
                    .1
                    .input_slot(wire.to.1)
                    .expect("an input");
                let sum = match (&inputs[slot.index()], &now) {
                    (Some(Value::Float(a)), Value::Float(b)) => Value::Float(a + b),
                    (None, _) => now,
                    (there, _) => panic!("{there:?} and {now} have no sum"),
                };
                inputs[slot.index()] = Some(sum);
            }
            for (target, value) in given {
                let (model, input) = target.split_once('.').expect("a model and an input");
                if model == name {
                    let slot = self.models[place].1.input_slot(input).expect("an input");
                    inputs[slot.index()] = Some(Value::Float(*value));
                }
            }
            let (_, instance, published) = &mut self.models[place];
            let stepped = instance.step(self.tick, &inputs, published);
            stepped.unwrap_or_else(|error| panic!("{name}: {}", error.message));
        }
        self.tick += 1;
    }
}

const HHV: f64 = 39.41;
/// Hours of a step.
const HOURS: f64 = 0.25;

/// Power to hydrogen to power.
fn hydrogen_system(soc: f64) -> System {
    let mut system = System::default();
    let float = Value::Float;
    let controller = [
        ("soc_min", Value::Int(0)),
        ("soc_max", Value::Int(100)),
        ("h2_soc_min", Value::Int(0)),
        ("h2_soc_max", Value::Int(100)),
        ("fc_eff", float(0.4)),
        ("conserve_energy", Value::Bool(true)),
    ];
    system.add("Controller", "Controller", &controller, &[]);
    let electrolyser = [
        ("rated_power", float(50.0)),
        ("min_load", float(10.0)),
        ("warm_up_time", float(600.0)),
        ("warm_up_load", float(5.0)),
        ("thermal_efficiency", float(10.0)),
    ];
    system.add("Electrolyser", "Electrolyser", &electrolyser, &[]);
    system.add(
        "Compressor",
        "Compressor",
        &[("stages", Value::Int(2))],
        &[],
    );
    let cell = [
        ("rated_power", float(20.0)),
        ("thermal_efficiency", float(30.0)),
    ];
    system.add("FuelCell", "FuelCell", &cell, &[]);
    let store = [
        ("capacity", float(10.0)),
        ("volume", float(0.5)),
        ("soc_min", float(5.0)),
    ];
    system.add("Store", "H2Storage", &store, &[("soc", float(soc))]);
    system.add("Network", "ElectricityNetwork", &[], &[]);
    let shifted = [
        ("Store.h2_room", "Electrolyser.h2_room"),
        ("Store.pressure", "Compressor.back_pressure"),
        ("Store.h2_avail", "FuelCell.h2_avail"),
        ("Store.soc", "Controller.h2_soc"),
    ];
    let direct = [
        ("Controller.flow2e", "Electrolyser.p_set"),
        ("Electrolyser.h2_gen", "Compressor.h2_in"),
        ("Compressor.h2_out", "Store.h2_in"),
        ("Controller.h2_out", "FuelCell.h2_set"),
        ("FuelCell.h2_cons", "Store.h2_out_set"),
        ("Electrolyser.p_cons", "Network.p_out"),
        ("Compressor.p_cons", "Network.p_out"),
        ("FuelCell.p_gen", "Network.p_in"),
    ];
    system.connect(&shifted, true);
    system.connect(&direct, false);
    system
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn power_to_hydrogen_to_power_loses_no_hydrogen_and_makes_no_energy(
        soc in 0.0_f64..=100.0,
        powers in prop::collection::vec((0.0_f64..80.0, 0.0_f64..80.0), 1..60),
    ) {
        let mut system = hydrogen_system(soc);
        let begun = system.float("Store.mass");
        let (mut made, mut used, mut into, mut out) = (0.0, 0.0, 0.0, 0.0);
        for (wind, load) in powers {
            system.step(&[
                ("Controller.wind_gen", wind),
                ("Controller.pv_gen", 0.0),
                ("Controller.load_dem", load),
                // The battery can do nothing either way.
                ("Controller.soc", if wind > load { 100.0 } else { 0.0 }),
            ]);
            let float = |name: &str| system.float(name);
            // What the store said it could do in this step, it did; so no hydrogen was made that had no place.
            prop_assert!(float("Store.h2_excess") <= 1e-9 * float("Store.h2_room").max(1.0));
            prop_assert!(float("Store.h2_deficit") <= 1e-9);
            made += float("Electrolyser.h2_gen") * HOURS;
            used += float("FuelCell.h2_cons") * HOURS;
            into += (float("Network.p_dem_total") - float("Electrolyser.q_gen")) * HOURS;
            out += (float("FuelCell.p_gen") + float("FuelCell.q_gen")) * HOURS;
            let bus = float("FuelCell.p_gen") - float("Electrolyser.p_cons") - float("Compressor.p_cons");
            prop_assert!((float("Network.p_tot") - bus).abs() <= 1e-9 * 100.0);
        }
        let stored = system.float("Store.mass") - begun;
        prop_assert!((made - used - stored).abs() <= 1e-9 * (made + used + begun), "{made} {used} {stored}");
        prop_assert!(out + stored * HHV <= into + 1e-9 * (into + out + begun * HHV), "{out} {into}");
        prop_assert!((0.0..=100.0 + 1e-9).contains(&system.float("Store.soc")));
    }

    #[test]
    fn a_house_with_heat_pump_and_tank_loses_no_heat(
        start in 35.0_f64..60.0,
        steps in prop::collection::vec((0.0_f64..6.0, -15.0_f64..20.0, 0.0_f64..12.0), 1..40),
    ) {
        let mut system = System::default();
        system.add("Demand", "HeatDemand", &[], &[]);
        system.add("Pump", "HeatPump", &[], &[]);
        system.add("Tank", "HotWaterTank", &[], &[("t_layers", Value::Float(start))]);
        system.add("Network", "ElectricityNetwork", &[], &[]);
        system.connect(&[("Tank.charge_t_out", "Pump.t_return")], true);
        system.connect(&[
            ("Demand.q_dem", "Tank.q_out_set"),
            ("Pump.q_gen", "Tank.q_in_set"),
            ("Pump.p_cons", "Network.p_out"),
            ("Tank.p_cons", "Network.p_out"),
        ], false);
        // Before the first step the pump is told what the tank begins with.
        prop_assert_eq!(system.float("Tank.charge_t_out"), start);
        let capacity = 500.0 * 4.18;
        for (demand, source, request) in steps {
            let before = system.float("Tank.t_mean");
            system.step(&[("Demand.demand", demand), ("Pump.t_source", source), ("Pump.q_set", request)]);
            let float = |name: &str| system.float(name);
            let stored = capacity * (float("Tank.t_mean") - before) / 900.0;
            let given = float("Pump.p_cons") + float("Pump.q_source") - float("Tank.q_excess");
            let gap = stored - (given - float("Tank.q_out") - float("Tank.q_loss"));
            prop_assert!(gap.abs() <= 1e-9 * (given + demand + 100.0), "{gap}");
            prop_assert!((float("Tank.q_out") + float("Tank.q_deficit") - demand).abs() <= 1e-9 * 10.0);
            prop_assert_eq!(float("Network.p_tot"), -float("Pump.p_cons"));
        }
    }

    #[test]
    fn a_district_with_boiler_store_and_pipes_loses_no_heat(
        start in 40.0_f64..90.0,
        steps in prop::collection::vec((0.0_f64..200.0, 0.0_f64..150.0), 1..40),
    ) {
        let mut system = System::default();
        system.add("Waste", "HeatProduction", &[("input_unit", Value::text("kWh/step"))], &[]);
        system.add("Boiler", "ElectricBoiler", &[("rated_power", Value::Int(200))], &[]);
        system.add("Valve", "HeatValve", &[("outlets", Value::Int(1))], &[]);
        let store = [("max_charge", Value::Int(50)), ("charge_efficiency", Value::Int(90))];
        system.add("Store", "HeatStorage", &store, &[("t_int", Value::Float(start))]);
        system.add("Pipes", "HeatNetwork", &[], &[]);
        system.connect(&[("Store.q_room", "Valve.limit_1")], true);
        system.connect(&[
            ("Boiler.q_gen", "Valve.q_in"),
            ("Valve.out_1", "Store.q_in"),
            ("Valve.rest", "Pipes.q_in"),
            ("Waste.q_gen", "Pipes.q_in"),
            ("Store.q_out", "Pipes.q_in"),
        ], false);
        for (surplus, demand) in steps {
            let levels = ["Store.t_int", "Pipes.t_int"].map(|name| system.float(name));
            system.step(&[
                ("Waste.production", 2.5),
                ("Boiler.p_set", surplus),
                ("Store.q_out_set", demand / 2.0),
                ("Pipes.q_out_set", demand),
            ]);
            let float = |name: &str| system.float(name);
            // The store takes what it said it could.
            prop_assert!(float("Store.q_excess") <= 1e-9 * 200.0);
            let litres = |length: f64, diameter: f64| std::f64::consts::FRAC_PI_4 * diameter * diameter * length;
            let capacities = [litres(2.5, 1.5), litres(100.0, 0.3)].map(|volume| volume * 4180.0);
            let changes = [
                capacities[0] * (float("Store.t_int") - levels[0]) / 900.0,
                capacities[1] * (float("Pipes.t_int") - levels[1]) / 900.0,
            ];
            let into = float("Boiler.q_gen") + 10.0;
            let out = float("Pipes.q_out") + float("Pipes.q_excess");
            let lost = float("Store.q_loss") + float("Pipes.q_loss");
            // What charging loses, where the store takes more than it gives.
            let charged = (float("Valve.out_1") - float("Store.q_out")).max(0.0) * 0.1;
            let gap = changes[0] + changes[1] - (into - out - lost - charged);
            prop_assert!(gap.abs() <= 1e-9 * (into + out + 1000.0), "{gap}");
        }
    }
}
