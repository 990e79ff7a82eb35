//! The layers of a tank, and what a part of a step does to them.

use std::f64::consts::PI;

/// Layers of equal mass, from bottom to top.
pub(super) struct Layers {
    /// °C.
    pub(super) temperatures: Vec<f64>,
    pub(super) places: Places,
    bounds: Bounds,
    /// kg.
    mass: f64,
    /// kJ/(kg K).
    specific_heat: f64,
    /// Between neighbours, kW/K.
    conduction: f64,
    /// Through the wall of each layer, kW/K.
    walls: Vec<f64>,
    /// What each layer gets in a part, kW.
    heat: Vec<f64>,
    /// What circuits bring less what they take at each layer, kg/s.
    inflow: Vec<f64>,
    /// Layers that have mixed: their mean and their number.
    blocks: Vec<(f64, usize)>,
}

/// Where things are, by layers.
pub(super) struct Places {
    pub(super) charge_in: usize,
    pub(super) charge_out: usize,
    pub(super) discharge_in: usize,
    pub(super) discharge_out: usize,
    pub(super) coil: usize,
    pub(super) rod: usize,
    pub(super) is_stratified: bool,
}

/// Temperatures that coil and rod do not pass, and the span below which a draw is throttled.
pub(super) struct Bounds {
    pub(super) coil: f64,
    pub(super) rod: f64,
    pub(super) span: f64,
}

/// What flows in a step, in kg/s, kW and °C.
pub(super) struct Flows {
    pub(super) charge: f64,
    pub(super) charge_t: f64,
    pub(super) discharge: f64,
    pub(super) discharge_t: f64,
    pub(super) coil: f64,
    pub(super) draw: f64,
    pub(super) rod: f64,
    pub(super) surroundings: f64,
}

/// What parts of a step came to, in kJ.
#[derive(Default)]
pub(super) struct Draw {
    pub(super) charging: f64,
    pub(super) coil: f64,
    pub(super) rod: f64,
    pub(super) loss: f64,
    pub(super) out: f64,
    /// The part of `out` that a request of power has drawn.
    pub(super) by_power: f64,
}

impl Layers {
    pub(super) fn new(
        temperatures: Vec<f64>,
        (volume, height): (f64, f64),
        mass: f64,
        specific_heat: f64,
        (conductivity, transfer): (f64, f64),
        places: Places,
        bounds: Bounds,
    ) -> Self {
        let count = temperatures.len();
        let (area, thickness) = (volume / height, height / count as f64);
        let around = PI * (4.0 * area / PI).sqrt() * thickness;
        let mut walls = vec![transfer * around / 1000.0; count];
        for end in [0, count - 1] {
            walls[end] += transfer * area / 1000.0;
        }
        let conduction = if count > 1 {
            conductivity * area / thickness / 1000.0
        } else {
            0.0
        };
        Self {
            places,
            bounds,
            mass,
            specific_heat,
            conduction,
            walls,
            heat: vec![0.0; count],
            inflow: vec![0.0; count],
            blocks: Vec::with_capacity(count),
            temperatures,
        }
    }

    /// How many parts a second is to be made in.
    pub(super) fn rate(&self, flows: &Flows) -> f64 {
        let drawn = flows.draw / (self.specific_heat * self.bounds.span);
        let wall = self
            .walls
            .iter()
            .fold(0.0_f64, |most, wall| most.max(*wall));
        let heat = 2.0 * self.conduction + wall + flows.coil + flows.rod;
        (flows.charge + flows.discharge + drawn) / self.mass
            + heat / (self.mass * self.specific_heat)
    }

    /// A part of a step, of so many seconds.
    pub(super) fn pass(&mut self, flows: &Flows, seconds: f64, sums: &mut Draw) {
        let c = self.specific_heat;
        let (charge_out, discharge_out) = (self.places.charge_out, self.places.discharge_out);
        let charge_in = self.inlet(flows.charge_t, self.places.charge_in);
        let discharge_in = self.inlet(flows.discharge_t, self.places.discharge_in);
        self.heat.fill(0.0);
        self.inflow.fill(0.0);

        let span = self.temperatures[discharge_out] - flows.discharge_t;
        let by_power = if flows.draw > 0.0 && span > 0.0 {
            flows.draw / (c * span.max(self.bounds.span))
        } else {
            0.0
        };
        let discharge = flows.discharge + by_power;
        self.circulate(flows.charge, flows.charge_t, charge_in, charge_out);
        self.circulate(discharge, flows.discharge_t, discharge_in, discharge_out);
        let warmed = flows.charge_t - self.temperatures[charge_out];
        sums.charging += flows.charge * c * warmed * seconds;
        sums.out += discharge * c * span * seconds;
        sums.by_power += by_power * c * span * seconds;

        self.exchange_between_neighbours();
        for (layer, wall) in self.walls.iter().enumerate() {
            let loss = wall * (self.temperatures[layer] - flows.surroundings);
            self.heat[layer] -= loss;
            sums.loss += loss * seconds;
        }
        let capacity = self.mass * c;
        let up_to = |layer: usize, bound: f64, power: f64| {
            power.min(capacity * (bound - self.temperatures[layer]).max(0.0) / seconds)
        };
        let rod = up_to(self.places.rod, self.bounds.rod, flows.rod);
        let coil = up_to(self.places.coil, self.bounds.coil, flows.coil);
        self.heat[self.places.rod] += rod;
        self.heat[self.places.coil] += coil;
        sums.rod += rod * seconds;
        sums.coil += coil * seconds;
        for (temperature, heat) in self.temperatures.iter_mut().zip(&self.heat) {
            *temperature += heat * seconds / capacity;
        }
        self.mix();
    }

    /// Water comes in at one layer and leaves at another.
    fn circulate(&mut self, flow: f64, temperature: f64, to: usize, from: usize) {
        let carried = flow * self.specific_heat;
        self.heat[to] += carried * temperature;
        self.heat[from] -= carried * self.temperatures[from];
        self.inflow[to] += flow;
        self.inflow[from] -= flow;
    }

    /// Water that is pushed up or down, and conduction.
    fn exchange_between_neighbours(&mut self) {
        let mut upward = 0.0;
        for low in 0..self.temperatures.len() - 1 {
            let (here, above) = (self.temperatures[low], self.temperatures[low + 1]);
            upward += self.inflow[low];
            let carried = if upward >= 0.0 { here } else { above };
            let moved = upward * self.specific_heat * carried + self.conduction * (here - above);
            self.heat[low] -= moved;
            self.heat[low + 1] += moved;
        }
    }

    /// Where water of a temperature enters.
    fn inlet(&self, temperature: f64, port: usize) -> usize {
        if !self.places.is_stratified {
            return port;
        }
        let distances = || self.temperatures.iter().map(|t| (t - temperature).abs());
        let closest = distances().fold(f64::INFINITY, f64::min) + 1e-6;
        let mut close = distances()
            .enumerate()
            .filter(|(_, distance)| *distance <= closest);
        let Some((lowest, _)) = close.next() else {
            return port;
        };
        if temperature >= self.temperatures[lowest] {
            close.next_back().map_or(lowest, |(highest, _)| highest)
        } else {
            lowest
        }
    }

    /// Layers that are warmer than what is above them mix.
    fn mix(&mut self) {
        self.blocks.clear();
        for &temperature in &self.temperatures {
            let mut block = (temperature, 1);
            while let Some(&(mean, count)) = self.blocks.last()
                && mean > block.0
            {
                self.blocks.pop();
                let together = count + block.1;
                let heat = mean * count as f64 + block.0 * block.1 as f64;
                block = (heat / together as f64, together);
            }
            self.blocks.push(block);
        }
        let mut layers = self.temperatures.iter_mut();
        for &(mean, count) in &self.blocks {
            for layer in layers.by_ref().take(count) {
                *layer = mean;
            }
        }
    }
}
