//! The bridges of a run: machines whose programs outlive the loss of others, and are started anew where they are lost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use foreign::remote::{Bridge, Gone};
use smol::{Timer, unblock};

use crate::scenario::Graph;

/// Between two attempts to find a bridge that is away.
const RETRY: Duration = Duration::from_millis(250);

/// The bridges of a run.
#[derive(Debug)]
pub(crate) struct Bridges(Vec<Known>);

#[derive(Debug)]
struct Known {
    bridge: Arc<dyn Bridge>,
    name: String,
    /// The models that its programs step.
    models: Vec<String>,
    /// How often its programs have been started anew.
    renewed: u64,
    /// How often when the run went on last.
    settled: u64,
}

impl Bridges {
    /// Those at which models of this graph run.
    pub(crate) fn of(graph: &Graph) -> Self {
        let mut all: Vec<Known> = Vec::new();
        for model in &graph.models {
            let bridge = model
                .programs
                .as_ref()
                .and_then(|programs| programs.bridge.clone());
            let Some(bridge) = bridge.filter(|_| model.connect.is_some()) else {
                continue;
            };
            let (name, model) = (bridge.name(), model.config.name.clone());
            match all.iter_mut().find(|known| known.name == name) {
                Some(known) => known.models.push(model),
                None => all.push(Known {
                    bridge,
                    name,
                    models: vec![model],
                    renewed: 0,
                    settled: 0,
                }),
            }
        }
        Self(all)
    }

    /// Whether one has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known.name == name)
    }

    /// Sees to it that all are there with their programs, as they are or started anew. One that is away is waited for
    /// until then.
    ///
    /// # Errors
    /// Which one is not there, and why.
    pub(crate) async fn revive(&mut self, until: Instant) -> Result<(), String> {
        for known in &mut self.0 {
            known.renewed = loop {
                let bridge = Arc::clone(&known.bridge);
                let name = &known.name;
                match unblock(move || bridge.revive()).await {
                    Ok(renewed) => break renewed,
                    Err(Gone::Other(why)) => return Err(format!("the bridge at {name}: {why}")),
                    Err(Gone::Away(why)) if Instant::now() >= until => {
                        return Err(format!("the bridge at {name} cannot be used: {why}"));
                    }
                    Err(Gone::Away(_)) => Timer::after(RETRY).await,
                };
            };
        }
        Ok(())
    }

    /// Whether one has been lost since all were there. One that may only be silent for a while is not.
    pub(crate) async fn is_one_lost(&self) -> bool {
        for known in &self.0 {
            let bridge = Arc::clone(&known.bridge);
            if unblock(move || bridge.is_lost()).await {
                return true;
            }
        }
        false
    }

    /// The models whose programs have been started anew since the run went on last.
    pub(crate) fn begun_anew(&self) -> Vec<&str> {
        let renewed = self.0.iter().filter(|known| known.renewed > known.settled);
        let models = renewed.flat_map(|known| &known.models);
        models.map(String::as_str).collect()
    }

    /// The run goes on with all programs as they are.
    pub(crate) fn settle(&mut self) {
        for known in &mut self.0 {
            known.settled = known.renewed;
        }
    }
}
