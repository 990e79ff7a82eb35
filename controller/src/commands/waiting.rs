//! Why runs of others stand still, as the nodes say that they use.

use std::time::Duration;

use session::{Cause, Stall};
use shared::plan::{CONTROLLER, ModelId, SiteId};
use shared::progress::Wait;
use shared::time::Tick;
use shared::wire::{ALIVE_INTERVAL, SETTLED, SessionStatus};

use crate::cluster::{Answer, Endpoint, Names, Service, Standstill};
use crate::scenario::Outline;

/// A session stands still if it has made no step for this long.
const STANDSTILL: Duration = Duration::from_secs(1);

/// A session that has not said so for this long where its models stand is in the middle of a step.
const IN_A_STEP: Duration = ALIVE_INTERVAL.saturating_mul(2);

/// What is known of runs: what nodes have answered, and scenarios that the user has named.
#[derive(Clone, Copy)]
pub(super) struct Runs<'a> {
    pub(super) answers: &'a [Answer],
    pub(super) scenarios: &'a [Outline],
}

impl<'a> Runs<'a> {
    /// Who is blocking whom in the run of a session, from its node on; `None` where it does not stand still, or waits
    /// for nobody.
    pub(super) fn standstill(
        self,
        endpoint: &Endpoint,
        session: &SessionStatus,
    ) -> Option<Standstill> {
        let standing = session.standing?;
        let known = self.scenario(endpoint, session);
        let stall = match wait_or_cause(session, standing.progress) {
            Ok(wait) => Stall::follow(session.site, wait, |site, tick| {
                match self.session(session, site) {
                    Some((_, session)) => wait_or_cause(session, tick),
                    None if self.is_mute(known, site) => Err(Cause::NoAnswer),
                    None => Err(Cause::Unknown),
                }
            }),
            Err(cause @ Cause::Stepping(_)) => Stall::at(session.site, standing.progress, cause),
            Err(_) => return None,
        };
        let names = Names {
            model: &|model, site| {
                let name = known.and_then(|outline| model_at(outline, model, site));
                name.map_or_else(|| format!("model {}", model.0), |name| format!("'{name}'"))
            },
            site: &|site| self.name(known, endpoint, session, site),
        };
        let (time, tick) = (standing.still, standing.progress);
        (time >= STANDSTILL).then(|| names.standstill(&stall, time, tick))
    }

    /// The session of a site of the run that another session belongs to.
    fn session(
        self,
        of: &SessionStatus,
        site: SiteId,
    ) -> Option<(&'a Endpoint, &'a SessionStatus)> {
        self.sessions()
            .find(|(_, other)| of.run != 0 && other.run == of.run && other.site == site)
    }

    fn sessions(self) -> impl Iterator<Item = (&'a Endpoint, &'a SessionStatus)> {
        self.answers.iter().flat_map(|answer| {
            let sessions = answer
                .status
                .iter()
                .flat_map(|(status, _)| &status.sessions);
            sessions.map(|session| (&answer.endpoint, session))
        })
    }

    /// The scenario that a run is one of, if the user has named it: it has that name, and the nodes their sites.
    fn scenario(self, endpoint: &Endpoint, session: &SessionStatus) -> Option<&'a Outline> {
        self.scenarios.iter().find(|outline| {
            let sites = sites(outline);
            let is_at = |endpoint: &Endpoint, site: SiteId| {
                site.node().and_then(|node| sites.get(node)) == Some(endpoint)
            };
            let mut others = self
                .sessions()
                .filter(|(_, other)| session.run != 0 && other.run == session.run);
            outline.name == session.scenario
                && is_at(endpoint, session.site)
                && others.all(|(endpoint, other)| is_at(endpoint, other.site))
        })
    }

    /// Whether the node of a site was asked and has not answered.
    fn is_mute(self, known: Option<&Outline>, site: SiteId) -> bool {
        let sites = known.map(sites).unwrap_or_default();
        let endpoint = site.node().and_then(|node| sites.get(node));
        let mut mute = self.answers.iter().filter(|answer| answer.status.is_err());
        endpoint.is_some_and(|endpoint| mute.any(|answer| answer.endpoint == *endpoint))
    }

    fn name(
        self,
        known: Option<&Outline>,
        endpoint: &Endpoint,
        session: &SessionStatus,
        site: SiteId,
    ) -> String {
        if site == session.site {
            return endpoint.to_string();
        }
        if site == CONTROLLER {
            return format!("the controller at {}", session.peer);
        }
        if let Some((endpoint, _)) = self.session(session, site) {
            return endpoint.to_string();
        }
        let endpoint =
            known.and_then(|outline| Some(sites(outline).get(site.node()?)?.to_string()));
        endpoint.unwrap_or_else(|| format!("node {} of the run", site.0))
    }
}

/// What a session waits for, or why it does not make the step at this tick.
fn wait_or_cause(session: &SessionStatus, tick: Tick) -> Result<Wait, Cause> {
    let standing = session.standing.ok_or(Cause::NotReady)?;
    if session.silent >= IN_A_STEP {
        return Err(Cause::Stepping(standing.still));
    }
    match standing.wait {
        _ if standing.progress > tick => Err(Cause::OnItsWay),
        Some(wait) if standing.still >= SETTLED => Ok(wait),
        _ => Err(Cause::Busy),
    }
}

/// The machines of a scenario, by the node that each of them is in a run without trouble.
fn sites(outline: &Outline) -> Vec<Endpoint> {
    Endpoint::all_of(outline.machines())
}

/// What a model is called, if the scenario has it at this site.
fn model_at(outline: &Outline, model: ModelId, site: SiteId) -> Option<&str> {
    // Of programs several can be one model, and the numbers are others.
    if outline.models.iter().any(|model| model.is_program) {
        return None;
    }
    let model = outline.models.get(usize::try_from(model.0).ok()?)?;
    let sites = sites(outline);
    let is_there = match (&model.connect, site.node()) {
        (None, None) => true,
        (Some(connect), Some(node)) => {
            sites.get(node) == Some(&Endpoint::of(connect, Service::Node))
        }
        _ => false,
    };
    is_there.then_some(&*model.name)
}
