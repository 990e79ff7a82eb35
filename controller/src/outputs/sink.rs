//! What takes the rows of a run.

use std::path::PathBuf;

use shared::time::{Tick, TimeGrid};
use shared::value::{Kind, Origin, Value};

use crate::places::WriteError;
use crate::scenario::{Graph, MonitorItem};

/// Takes the rows of a run: one a tick, from tick 0 on, without a gap.
///
/// A sink works in a thread of its own, beside the steps. If it takes rows more slowly than they are
/// made, the run waits for it; what it takes does not change what comes.
pub trait Sink: Send {
    /// Before the first row: what the rows have.
    fn begin(&mut self, header: &Header);

    /// Takes a row, with a value for each column.
    ///
    /// # Errors
    /// The run ends with it. No more rows come.
    fn row(&mut self, tick: Tick, values: &[Value]) -> Result<(), WriteError>;

    /// Hands on what it has, without waiting for it: this comes about once a second.
    ///
    /// # Errors
    /// The run ends with it. No more rows come.
    fn flush(&mut self) -> Result<(), WriteError> {
        Ok(())
    }

    /// No more rows come.
    ///
    /// # Errors
    /// The run fails with it.
    fn end(&mut self, ending: Ending) -> Result<(), WriteError>;

    /// All has gone well with everything that the run writes: what it has takes its place.
    ///
    /// # Errors
    /// The run fails with it.
    fn settle(&mut self) -> Result<(), WriteError> {
        Ok(())
    }

    /// The run is over, whatever came of it. All sinks hear that before the first one is waited for, so that what
    /// several have to wait for passes for all of them at once.
    fn over(&mut self) {}

    /// After [`over`](Self::over): what is on its way elsewhere may be waited for, within bounds. Returns
    /// what is to be said of it.
    fn finish(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// The rows that it has: of those that it could not hand on it has none.
    fn rows(&self) -> Tick;

    /// Where the rows go, for messages.
    fn path(&self) -> PathBuf;
}

/// How the rows end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// There is one for each tick.
    Complete,
    /// The run ended before its last tick.
    Partial,
}

/// What the rows of a run have.
#[derive(Clone, Debug)]
pub struct Header {
    /// The simulated time: the row of a tick belongs to `grid.at(tick)`.
    pub grid: TimeGrid,
    /// The columns, in their order.
    pub columns: Vec<Column>,
}

/// A column of the rows.
#[derive(Clone, Debug)]
pub struct Column {
    /// As the scenario has it: `Battery1.soc`.
    pub name: String,
    /// The model.
    pub model: String,
    /// Its attribute.
    pub attribute: String,
    /// The unit, where the type of the model declares the attribute. `-` where there is none.
    pub unit: Option<String>,
    /// What the values are.
    pub kind: Kind,
    /// Whether it is a physical flow or information.
    pub origin: Origin,
}

impl Header {
    /// The header of what is monitored in a scenario.
    pub(crate) fn of(graph: &Graph) -> Self {
        let column = |item: &MonitorItem| {
            let model = &graph.models[item.source.model];
            let slot = item.source.slot.index();
            let attribute = &model.instance.published[slot];
            let declared = model.instance.model_type.published.get(slot);
            Column {
                name: item.text.clone(),
                model: model.config.name.clone(),
                attribute: attribute.name.to_string(),
                unit: declared.map(|declared| declared.unit.to_string()),
                kind: attribute.kind,
                origin: attribute.origin,
            }
        };
        Self {
            grid: graph.grid,
            columns: graph.monitor.items.iter().map(column).collect(),
        }
    }
}

/// The header of columns with these names, for tests.
#[cfg(test)]
pub(super) fn header(grid: TimeGrid, names: &[&str]) -> Header {
    let column = |name: &&str| {
        let (model, attribute) = name.split_once('.').expect("a model and its attribute");
        Column {
            name: (*name).to_owned(),
            model: model.to_owned(),
            attribute: attribute.to_owned(),
            unit: None,
            kind: Kind::Number,
            origin: Origin::State,
        }
    };
    Header {
        grid,
        columns: names.iter().map(column).collect(),
    }
}
