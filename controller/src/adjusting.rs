//! Values of models that can be changed while a run goes on: which there are, and what they are called.

use shared::journal::{Adjustable, Adjustment};
use shared::model::{InputSlot, ParameterSlot, Range};
use shared::plan::ModelId;

use crate::scenario::{Graph, GraphModel};

/// What can be changed in a scenario.
#[derive(Clone, Debug, Default)]
pub(crate) struct Adjustables {
    /// The models, with their types.
    models: Vec<(String, String)>,
    all: Vec<Known>,
}

/// Something that can be changed.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    model: ModelId,
    target: Adjustable,
    /// The name, without that of the model.
    name: String,
    /// The numbers that it may be.
    range: &'static Range,
    /// Those between which it usually is.
    pub(crate) usual: (f64, f64),
}

impl Adjustables {
    /// What can be changed in a scenario.
    pub(crate) fn of(graph: &Graph) -> Self {
        let mut adjustables = Self::default();
        for (id, model) in graph.models.enumerate() {
            let (name, kind) = (&model.config.name, model.type_name());
            adjustables.models.push((name.clone(), kind));
            adjustables.all.extend(parameters(id, model));
            adjustables.all.extend(inputs(id, model));
        }
        adjustables
    }

    /// What can be changed of a model under this name.
    pub(crate) fn find(&self, model: ModelId, name: &str) -> Option<&Known> {
        let mut all = self.all.iter();
        all.find(|known| known.model == model && known.name == name)
    }

    /// Whether anything of a model can be changed.
    pub(crate) fn has(&self, model: ModelId) -> bool {
        self.all.iter().any(|known| known.model == model)
    }

    /// The names of a model, and of what can be changed of it.
    pub(crate) fn names(&self, model: ModelId, target: Adjustable) -> Option<(&str, &str)> {
        let mut all = self.all.iter();
        let known = all.find(|known| known.model == model && known.target == target)?;
        let (model, _) = self.models.get(model.0 as usize)?;
        Some((model, &known.name))
    }

    /// The change of a value, by the names of the model and of what is changed.
    ///
    /// # Errors
    /// There is no such thing, or it cannot have this value, and what there is.
    pub(crate) fn adjustment(
        &self,
        model: &str,
        name: &str,
        value: f64,
    ) -> Result<(ModelId, Adjustment), String> {
        let found = (0..)
            .zip(&self.models)
            .find(|(_, (known, _))| known == model);
        let (id, (_, kind)) =
            found.ok_or_else(|| format!("the scenario has no model '{model}'"))?;
        let Some(known) = self.find(ModelId(id), name) else {
            let others = self.all.iter().filter(|known| known.model == ModelId(id));
            let others: Vec<&str> = others.map(|known| &*known.name).collect();
            return Err(if others.is_empty() {
                format!("'{model}' ({kind}) has nothing that can be changed while it runs")
            } else {
                let others = others.join(", ");
                format!(
                    "'{name}' of '{model}' cannot be changed while it runs; what can is {others}"
                )
            });
        };
        if !value.is_finite() {
            return Err(format!(
                "'{name}' of '{model}' must be a number, and not {value}"
            ));
        }
        if !known.range.contains(value) {
            let range = known.range;
            return Err(format!(
                "'{name}' of '{model}' must be a number with {range}, and not {value}"
            ));
        }
        let target = known.target;
        Ok((known.model, Adjustment { target, value }))
    }
}

fn parameters(id: ModelId, model: &GraphModel) -> impl Iterator<Item = Known> {
    let declared = model.instance.model_type.parameters.iter().enumerate();
    declared.filter_map(move |(slot, parameter)| {
        Some(Known {
            model: id,
            target: Adjustable::Parameter(ParameterSlot::new(slot)),
            name: parameter.name.to_string(),
            range: parameter.range,
            usual: parameter.adjustable?,
        })
    })
}

/// Inputs to which nothing is connected.
fn inputs(id: ModelId, model: &GraphModel) -> impl Iterator<Item = Known> {
    let declared = model.instance.model_type.inputs.iter().enumerate();
    declared.filter_map(move |(slot, input)| {
        let slot = InputSlot::new(slot);
        let is_connected = model.inputs.iter().any(|known| known.slot == slot);
        if is_connected || model.instance.lacks(slot).is_some() {
            return None;
        }
        Some(Known {
            model: id,
            target: Adjustable::Input(slot),
            name: input.name.to_string(),
            range: Range::ANY,
            usual: input.adjustable?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{LoadError, load_text};
    use shared::files::MemoryFiles;
    use shared::value::Number;

    fn adjustables() -> Result<Adjustables, LoadError> {
        let text = "scenario: {name: s, start_time: '2012-01-01 00:00:00', end_time: '2012-01-01 01:00:00', \
            time_resolution: 900}\n\
            models:\n- {name: Homes, type: Load, parameters: {houses: 3, input_type: power, output_type: power}}\n\
            - {name: Net, type: GridConnection, parameters: {connection_capacity: 10, tolerance_limit: 0.8, critical_limit: 0.9}}\n\
            connections:\n- {from: Homes.load_dem, to: Net.dump}\n\
            monitor: {file: out.csv, items: [Homes.load_dem]}\n";
        let (graph, _) = load_text("s.yaml", text, &models::CATALOGUE, &MemoryFiles::default())?;
        Ok(Adjustables::of(&graph))
    }

    #[test]
    fn what_can_be_changed_is_found_by_name_and_its_value_checked() {
        let known = adjustables().expect("a scenario");
        let (model, adjustment) = known.adjustment("Homes", "houses", 5.0).expect("taken");
        assert!(matches!(
            (model, adjustment.number()),
            (ModelId(0), Number::Int(5))
        ));
        assert_eq!(
            known.names(model, adjustment.target),
            Some(("Homes", "houses"))
        );
        let (_, fraction) = known.adjustment("Homes", "load", 2.5).expect("taken");
        assert!(matches!(fraction.number(), Number::Float(_)));
        for (model, name, value, why) in [
            ("Home", "houses", 1.0, "no model 'Home'"),
            ("Homes", "house", 1.0, "what can is houses, load"),
            ("Homes", "houses", -1.0, "0 ≤ x"),
            ("Homes", "load", f64::NAN, "must be a number"),
            ("Net", "dump", 1.0, "nothing that can be changed"),
        ] {
            let refused = known.adjustment(model, name, value).expect_err(why);
            assert!(refused.contains(why), "{refused}");
        }
    }
}
