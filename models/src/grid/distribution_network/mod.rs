//! The distribution network.

mod complex;
mod feeder;
#[cfg(test)]
mod tests;

use shared::model::{
    Build, BuildError, Input, InputSlot, Literal, Memory, Model, ModelType, Parameter, Published,
    PublishedSlot, Range, Role, SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::value::{Kind, Origin, Value};

use crate::parts::limited_store::in_order;
use crate::parts::quantities::{
    Received, count, float, one, output, publish, publish_flag, state, sum,
};
use complex::Complex;
use feeder::{Branch, KILO, Line, Transformer};

model_type! {
    /// Distribution network: the voltages, currents and losses of a radial feeder with three balanced phases.
    ///
    /// # Model
    ///
    /// Per unit of 1 MVA and `v_nom`, a line of n systems has z = (r + j·x)·length/n and half of its admittance
    /// y = j·2π·f·c·length·n at each end; a transformer has the impedance z_T and half of its admittance y_T on each
    /// side of it. The source has V_s = `v_source`, divided by the ratio of the transformer. From V_b = V_s everywhere,
    /// sweeps go from the leaves to the root and back, until no voltage changes by `tolerance`:
    ///
    /// ```text
    /// J_b = conj(s_b / V_b) + Y_b·V_b + Σ J of the branches behind b       s_b = load − gen + j·q
    /// V_root = V_s − z_T·J_root                                            V_b = V_parent − z_b·J_b
    /// ```
    ///
    /// Then S = V_s·conj(J_root + V_s·y_T/2) comes from the source, and what of it no bus uses is lost. A line carries
    /// the larger current of its two ends.
    ///
    /// The attributes depend on the buses b and lines l:
    ///
    /// | attribute | | unit | |
    /// |---|---|---|---|
    /// | `load_b`, `gen_b` | inputs | kW | used and made at the bus; sums |
    /// | `q_b` | input | kvar | reactive power that is used there, inductive positive; a sum |
    /// | `vm_b`, `va_b` | states | p.u., ° | voltage, and its angle to the source |
    /// | `i_l`, `loading_l` | states | A, % | current, and its part of what the line bears |
    /// | `loading_transformer` | state | % | where there is a transformer |
    ///
    /// A line is a mapping of `name`, `from`, `to`, `length_km`, `r_ohm_per_km`, `x_ohm_per_km`, `max_i_a` and, where they
    /// are not these, `c_nf_per_km` (0), `parallel` (1) and `in_service` (true). The transformer is a mapping of `sn_kva`,
    /// `vn_hv_kv`, `vn_lv_kv`, `vk_percent`, `vkr_percent` and, where they are not these, `pfe_kw` (0), `i0_percent` (0),
    /// `tap_pos` (0), `tap_neutral` (0), `tap_step_percent` (0, on the upper side) and `parallel` (1).
    ///
    /// # Assumptions
    ///
    /// A tree, without switches or voltage control; loads of constant power; the vector group is left out of angles. A
    /// power flow that finds no voltages (too much load) does not stop the run: `converged` is 0, `flag_voltage` 1, and
    /// all else stays as it was. At most a million sweeps are made, whatever `max_iterations` says.
    ///
    /// # Source
    ///
    /// D. Shirmohammadi, H. W. Hong, A. Semlyen, G. X. Luo, "A compensation-based power flow method for weakly meshed
    /// distribution and transmission networks", *IEEE Trans. Power Syst.* 3 (1988) 753-762, doi:10.1109/59.192932;
    /// W. H. Kersting, *Distribution System Modeling and Analysis*, CRC Press. Band of voltage: EN 50160.
    ///
    /// # Errors
    ///
    /// Names that are there twice or have other than letters, digits and `_`, unknown buses and keys, values that make no
    /// sense, loops, and buses that no line leads to are refused.
    ///
    /// # Example
    ///
    /// At 0.4 kV one line of 0.16 Ω feeds 9 kW, which is 0.009 p.u. through 1 p.u.: V = 1 − 1 × 0.009 / V gives
    /// V = (1 + √(1 − 4 × 0.009)) / 2 = 0.990918 p.u. The loss is (0.009 / V)² = 0.0824898 kW per MW, so 82.49 W.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its `EleDisNetworkSim` asks pandapower, in MW, Mvar and kA, and has a child for each element. Meshed networks need
    /// another type.
    pub static DISTRIBUTION_NETWORK =
        ModelType::new("DistributionNetwork", |build| Ok(Box::new(DistributionNetwork::new(build)?)))
            .with_sections(SectionPolicy::Merge)
            .adding(&[
                ("load_", "kW"),
                ("gen_", "kW"),
                ("q_", "kvar"),
                ("vm_", "p.u."),
                ("va_", "°"),
                ("i_", "A"),
                ("loading_", "%"),
            ])
            .unlike(&["eledisnetwork", "eledisnetworksim"], "it is one model with attributes such as 'load_<bus>' and 'vm_<bus>', in kW, kvar and A, for radial networks");
    parameters {
        BUSES = Parameter::any("buses", "names of the buses, of letters, digits and '_'"),
        ROOT = Parameter::text("root", "bus that the source feeds; null for the first one")
            .with_default(Literal::Null),
        LINES = Parameter::any("lines", "a list of lines"),
        TRANSFORMER = Parameter::any("transformer", "transformer between source and root, or null")
            .with_default(Literal::Null),
        V_NOM = Parameter::number("v_nom", "kV", "nominal voltage between phases")
            .with_default(Literal::Float(0.4))
            .in_range(Range::POSITIVE),
        V_SOURCE = Parameter::number("v_source", "p.u.", "voltage of the source")
            .with_default(Literal::Int(1))
            .in_range(Range::POSITIVE),
        FREQUENCY = Parameter::number("frequency", "Hz", "frequency")
            .symbol("f")
            .with_default(Literal::Int(50))
            .in_range(Range::POSITIVE),
        V_MIN = Parameter::number("v_min", "p.u.", "lowest voltage that is permitted")
            .with_default(Literal::Float(0.9)),
        V_MAX = Parameter::number("v_max", "p.u.", "highest voltage that is permitted")
            .with_default(Literal::Float(1.1)),
        TOLERANCE = Parameter::number("tolerance", "p.u.", "largest change of a voltage in the last sweep")
            .with_default(Literal::Float(1e-10))
            .in_range(Range::POSITIVE),
        MAX_ITERATIONS = Parameter::integer("max_iterations", "-", "most sweeps")
            .with_default(Literal::Int(200))
            .in_range(&Range {
                low: Some((1.0, true)),
                high: None,
            }),
    }
    inputs {
        V_SOURCE_NOW = one("v_source", "p.u.", "voltage of the source in place of the parameter")
            .adjustable(0.9, 1.1),
    }
    published {
        P_GRID = output("p_grid", "kW", "active power from the source; negative into it")
            .role(Role::Imported),
        Q_GRID = state("q_grid", "kvar", "reactive power from the source"),
        P_LOSS = state("p_loss", "kW", "active losses").role(Role::Used),
        VM_MIN = state("vm_min", "p.u.", "lowest voltage").with_initial(Literal::Float(1.0)),
        VM_MAX = state("vm_max", "p.u.", "highest voltage").with_initial(Literal::Float(1.0)),
        LOADING_MAX = state("loading_max", "%", "highest loading of lines and transformer"),
        FLAG_VOLTAGE = Published::state("flag_voltage", "-", "1 where a voltage is not permitted, else 0"),
        FLAG_LOADING = Published::state("flag_loading", "-", "1 where 'loading_max' is above 100 %, else 0"),
        CONVERGED = Published::state("converged", "-", "1 where the voltages were found, else 0"),
        ITERATIONS = Published::state("iterations", "-", "sweeps that were made"),
    }
}

/// The most sweeps, whatever the scenario says.
const MOST_SWEEPS: usize = 1_000_000;

/// A voltage below which a power flow has failed, p.u.
const COLLAPSED: f64 = 0.05;

struct DistributionNetwork {
    received: Received,
    root: usize,
    buses: Vec<Bus>,
    branches: Vec<Branch>,
    lines: Vec<(Line, [PublishedSlot; 2])>,
    transformer: Option<(Transformer, PublishedSlot)>,
    v_source: f64,
    band: (f64, f64),
    tolerance: f64,
    sweeps: usize,
    /// A in 1 p.u.
    base_current: f64,
    /// Voltages and the currents that feed buses, of the last sweep.
    voltages: Vec<Complex>,
    currents: Vec<Complex>,
    initial: Vec<(PublishedSlot, Value)>,
}

struct Bus {
    /// Load, generation and reactive power.
    inputs: [InputSlot; 3],
    /// Magnitude and angle of the voltage.
    published: [PublishedSlot; 2],
    shunt: Complex,
}

impl DistributionNetwork {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let nominal = float(build, V_NOM);
        let names = feeder::buses(build.parameter(BUSES))?;
        let root = feeder::root(build.parameter(ROOT), &names)?;
        let frequency = float(build, FREQUENCY);
        let lines = feeder::lines(build.parameter(LINES), &names, nominal, frequency)?;
        let transformer = feeder::transformer(build.parameter(TRANSFORMER), nominal)?;
        let branches = feeder::branches(&lines, &names, root)?;
        let band = in_order(build, V_MIN, V_MAX)?;

        let mut initial = Vec::new();
        for place in 0..build.model_type().published.len() {
            let slot = PublishedSlot::new(place);
            initial.push((slot, build.initial_published(slot)));
        }
        let mut publish = |build: &mut Build<'_>, name: String, value: f64| {
            let slot = build.publish_also(&name, Origin::State, Kind::Number)?;
            initial.push((slot, Value::Float(value)));
            Ok::<_, BuildError>(slot)
        };
        let mut buses = Vec::new();
        for name in &names {
            let input = |build: &mut Build<'_>, what: &str, unit: &'static str| {
                let mut input: Input = sum("", unit, "power at a bus");
                input.name = format!("{what}_{name}").into();
                build.take_also(input)
            };
            let inputs = [("load", "kW"), ("gen", "kW"), ("q", "kvar")];
            buses.push(Bus {
                inputs: inputs.map(|(what, unit)| input(build, what, unit)),
                published: [
                    publish(build, format!("vm_{name}"), 1.0)?,
                    publish(build, format!("va_{name}"), 0.0)?,
                ],
                shunt: Complex::default(),
            });
        }
        let mut numbered = Vec::new();
        for line in lines {
            let current = publish(build, format!("i_{}", line.name), 0.0)?;
            let loading = publish(build, format!("loading_{}", line.name), 0.0)?;
            numbered.push((line, [current, loading]));
        }
        let transformer = match transformer {
            Some(transformer) => {
                let slot = publish(build, "loading_transformer".to_owned(), 0.0)?;
                Some((transformer, slot))
            }
            None => None,
        };
        for branch in &branches {
            let half = numbered[branch.line].0.half_shunt;
            for bus in [branch.bus, branch.parent] {
                buses[bus].shunt = buses[bus].shunt + half;
            }
        }
        if let Some((transformer, _)) = &transformer {
            buses[root].shunt = buses[root].shunt + transformer.half_shunt;
        }
        Ok(Self {
            received: Received::new(build)?,
            root,
            branches,
            lines: numbered,
            transformer,
            v_source: float(build, V_SOURCE),
            band,
            tolerance: float(build, TOLERANCE),
            sweeps: count(build, MAX_ITERATIONS).min(MOST_SWEEPS),
            base_current: KILO / (3.0_f64.sqrt() * nominal),
            voltages: vec![Complex::default(); buses.len()],
            currents: vec![Complex::default(); buses.len()],
            buses,
            initial,
        })
    }

    /// Finds the voltages for these powers; how many sweeps that took, and whether they were found.
    fn solve(&mut self, source: f64, powers: &[Complex]) -> (usize, bool) {
        let source = Complex::new(source, 0.0);
        self.voltages.fill(source);
        for sweep in 1..=self.sweeps {
            let feeding = self
                .transformer
                .as_ref()
                .map_or(Complex::default(), |(t, _)| t.impedance);
            for (place, bus) in self.buses.iter().enumerate() {
                let voltage = self.voltages[place];
                self.currents[place] = (powers[place] / voltage).conj() + bus.shunt * voltage;
            }
            for branch in self.branches.iter().rev() {
                let current = self.currents[branch.bus];
                self.currents[branch.parent] = self.currents[branch.parent] + current;
            }
            let mut change = 0.0;
            let mut is_collapsed = false;
            let mut set = |place: &mut Complex, voltage: Complex| {
                let moved = (voltage - *place).abs();
                // Where one is no number, all is none.
                change = if moved > change || moved.is_nan() {
                    moved
                } else {
                    change
                };
                is_collapsed |= voltage.abs() < COLLAPSED;
                *place = voltage;
            };
            let at_root = source - feeding * self.currents[self.root];
            set(&mut self.voltages[self.root], at_root);
            for branch in &self.branches {
                let drop = branch.impedance * self.currents[branch.bus];
                let voltage = self.voltages[branch.parent] - drop;
                set(&mut self.voltages[branch.bus], voltage);
            }
            if change < self.tolerance {
                return (sweep, true);
            }
            if !change.is_finite() || is_collapsed {
                return (sweep, false);
            }
        }
        (self.sweeps, false)
    }

    /// Publishes what follows from the voltages.
    fn publish_flow(&self, step: &mut Step<'_>, source: f64, powers: &[Complex]) {
        let (volts, amperes) = (&self.voltages, &self.currents);
        let source = Complex::new(source, 0.0);
        let at_root = amperes[self.root];
        let mut from_source = at_root;
        let mut highest = 0.0_f64;
        if let Some((transformer, slot)) = &self.transformer {
            from_source = at_root + source * transformer.half_shunt;
            let lower = at_root - volts[self.root] * transformer.half_shunt;
            let larger = (from_source.abs() / transformer.tap).max(lower.abs());
            highest = transformer.loading * larger;
            publish(step, &[(*slot, highest)]);
        }
        let mut carried = vec![0.0; self.lines.len()];
        for branch in &self.branches {
            let half = self.lines[branch.line].0.half_shunt;
            let sent = amperes[branch.bus] + volts[branch.parent] * half;
            let received = amperes[branch.bus] - volts[branch.bus] * half;
            carried[branch.line] = self.base_current * sent.abs().max(received.abs());
        }
        for ((line, [current, loading]), carried) in self.lines.iter().zip(carried) {
            let part = 100.0 * carried / line.limit;
            highest = highest.max(part);
            publish(step, &[(*current, carried), (*loading, part)]);
        }
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for (bus, voltage) in self.buses.iter().zip(volts) {
            let [magnitude, angle] = bus.published;
            (low, high) = (low.min(voltage.abs()), high.max(voltage.abs()));
            publish(
                step,
                &[(magnitude, voltage.abs()), (angle, voltage.degrees())],
            );
        }
        let power = source * from_source.conj();
        let used = powers.iter().fold(0.0, |sum, power| sum + power.re);
        publish(
            step,
            &[
                (P_GRID, KILO * power.re),
                (Q_GRID, KILO * power.im),
                (P_LOSS, KILO * (power.re - used)),
                (VM_MIN, low),
                (VM_MAX, high),
                (LOADING_MAX, highest),
            ],
        );
        let is_outside = low < self.band.0 || high > self.band.1;
        publish_flag(step, FLAG_VOLTAGE, is_outside.into());
        publish_flag(step, FLAG_LOADING, (highest > 100.0).into());
    }
}

impl Model for DistributionNetwork {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let given = self.received.one(step, V_SOURCE_NOW)?;
        let ratio = self.transformer.as_ref().map_or(1.0, |(t, _)| t.ratio);
        let source = given.unwrap_or(self.v_source) / ratio;
        let mut powers = Vec::with_capacity(self.buses.len());
        for bus in &self.buses {
            let [load, made, reactive] = bus.inputs;
            let received = &self.received;
            let active = received.sum(step, load)? - received.sum(step, made)?;
            powers.push(Complex::new(active, received.sum(step, reactive)?) * (1.0 / KILO));
        }
        let (sweeps, is_found) = self.solve(source, &powers);
        if is_found {
            self.publish_flow(step, source, &powers);
        } else {
            for (slot, value) in &self.initial {
                // What an earlier step has published stays.
                if step.places()[slot.index()].is_none() {
                    step.publish(*slot, value.clone());
                }
            }
            publish_flag(step, FLAG_VOLTAGE, 1);
        }
        publish_flag(step, CONVERGED, is_found.into());
        publish_flag(step, ITERATIONS, i64::try_from(sweeps).unwrap_or(i64::MAX));
        Ok(())
    }

    fn memory(&mut self, _: &mut Memory<'_>) -> bool {
        true
    }
}
