//! The sites of a run, as the page is told of them once a second: how far they are and what they wait for, as the run
//! knows it, and how their machines are, as nodes say when they are asked.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use shared::plan::SiteId;

use super::versioned::Versioned;
use crate::run::{Newest, SiteProgress};

/// From one look at how far they are to the next.
const INTERVAL: Duration = Duration::from_secs(1);

/// The sites of a run; the first one is this machine.
#[derive(Debug, Default)]
pub(super) struct Sites {
    pub(super) names: Vec<String>,
    progress: Vec<SiteProgress>,
    looked: Option<Instant>,
    /// By node, from the first one on.
    conditions: Vec<Condition>,
    pub(super) news: Versioned,
}

/// How the machine of a node is.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition {
    /// In °C.
    pub(super) temperature: Option<f32>,
    /// Processes that run or want to, in the mean of the last minute.
    pub(super) load: Option<f32>,
    /// Why it does not say.
    pub(super) note: Option<String>,
}

impl Sites {
    /// Those of another run.
    pub(super) fn set(&mut self, names: Vec<String>) {
        *self = Self {
            names,
            news: Versioned {
                what: Json::Null,
                changes: self.news.changes + 1,
            },
            ..Self::default()
        };
    }

    /// Takes how far they are, if it has been a second since the last time.
    pub(super) fn look(&mut self, now: Instant, newest: &dyn Newest) {
        let is_due = self
            .looked
            .is_none_or(|at| now.duration_since(at) >= INTERVAL);
        if is_due && !self.names.is_empty() {
            self.looked = Some(now);
            let sites = (0..).map(SiteId).take(self.names.len());
            self.progress = sites.map(|site| newest.site(site)).collect();
            self.tell();
        }
    }

    /// Takes how the machines of the nodes are.
    pub(super) fn note(&mut self, conditions: Vec<Condition>) {
        self.conditions = conditions;
        self.tell();
    }

    /// Nobody waits any more.
    pub(super) fn rest(&mut self) {
        for site in &mut self.progress {
            site.wait = None;
        }
        self.tell();
    }

    fn tell(&mut self) {
        let here = Condition::default();
        let conditions = std::iter::once(&here).chain(&self.conditions);
        let conditions = conditions.map(Some).chain(std::iter::repeat(None));
        let sites = self.names.iter().enumerate().zip(conditions);
        let sites = sites.map(|((site, _), condition)| {
            let Condition {
                temperature,
                load,
                note,
            } = condition.cloned().unwrap_or_default();
            let progress = self.progress.get(site);
            let waits = progress.and_then(|progress| progress.wait).map(|wait| {
                json!({
                    "model": wait.model.map(|model| model.0),
                    "source": wait.source.map(|model| model.0),
                    "site": wait.site.0,
                    "tick": wait.tick,
                })
            });
            json!({
                "site": site, "tick": progress.map(|progress| progress.tick), "waits": waits,
                "note": note, "temperature": temperature, "load": load,
            })
        });
        let sites: Vec<Json> = sites.collect();
        self.news.set(json!(sites));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::model::Facet;
    use shared::plan::ModelId;
    use shared::progress::Wait;
    use shared::value::Value;

    #[derive(Debug)]
    struct Waiting;

    impl Newest for Waiting {
        fn recorded(&self) -> &[Value] {
            &[]
        }

        fn of(&self, _: ModelId, _: Facet) -> Option<Value> {
            None
        }

        fn site(&self, site: SiteId) -> SiteProgress {
            let wait = Wait {
                model: None,
                tick: 9,
                site: SiteId(1),
                source: Some(ModelId(5)),
            };
            SiteProgress {
                tick: 7 + u64::from(site.0),
                wait: (site.0 == 0).then_some(wait),
            }
        }
    }

    #[test]
    fn sites_say_how_far_they_are_whom_they_wait_for_and_how_they_are() {
        let mut sites = Sites::default();
        let now = Instant::now();
        sites.look(now, &Waiting);
        assert_eq!(sites.news.what, Json::Null, "there are none");
        sites.set(vec!["this machine".to_owned(), "pi".to_owned()]);
        sites.look(now, &Waiting);
        let changes = sites.news.changes;
        sites.look(now + INTERVAL / 2, &Waiting);
        assert_eq!(sites.news.changes, changes, "once a second");
        sites.note(vec![Condition {
            temperature: Some(50.5),
            ..Condition::default()
        }]);
        let waits = json!({"model": null, "source": 5, "site": 1, "tick": 9});
        let here = json!({"site": 0, "tick": 7, "waits": waits, "note": null, "temperature": null, "load": null});
        let there = json!({"site": 1, "tick": 8, "waits": null, "note": null, "temperature": 50.5, "load": null});
        assert_eq!(sites.news.what, json!([here, there]));
        sites.rest();
        assert_eq!(sites.news.what[0]["waits"], Json::Null);
    }
}
