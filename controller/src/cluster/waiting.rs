//! Who is blocking whom, in the names that people have for it.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value as Json, json};
use session::{Cause, Stall};
use shared::plan::{ModelId, SiteId};
use shared::time::Tick;

use super::node::THIS_MACHINE;
use crate::output::duration;

/// One of those who wait for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// The model; `None` for the rows of the result, and for a site as a whole.
    pub model: Option<String>,
    /// The site: `this machine`, or the address of the node.
    pub site: String,
    /// The tick of the step that it has not made.
    pub tick: Tick,
}

/// A time in which nothing moves, and who is blocking whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// How long it has lasted.
    pub time: Duration,
    /// The tick before which there are all rows.
    pub tick: Tick,
    /// Who waits, from the first one on, each for the next; the last one is the cause.
    pub chain: Vec<Waiter>,
    /// Why the last one does not go on, in a word for programs: `not_ready`, `program`, `silent`, `takes_nothing`,
    /// `on_its_way`, `busy` or `circle`; of runs of others also `stepping`, `no_answer` or `unknown`.
    pub cause: &'static str,
    /// Whether the cause is over in a moment, as a rule.
    pub is_passing: bool,
    /// All of it for people.
    pub words: String,
    /// The last one and why it does not go on, for people: where there is not so much room.
    pub root: String,
}

/// What models and sites are called.
pub(crate) struct Names<'a> {
    /// In words for people, as `'PV1'`.
    pub(crate) model: &'a dyn Fn(ModelId, SiteId) -> String,
    pub(crate) site: &'a dyn Fn(SiteId) -> String,
}

impl Names<'_> {
    /// A standstill of this length, at this tick.
    pub(crate) fn standstill(&self, stall: &Stall, time: Duration, tick: Tick) -> Standstill {
        Standstill {
            time,
            tick,
            chain: self.chain(stall),
            cause: code(stall.cause),
            is_passing: stall.cause.is_passing(),
            words: self.words(stall),
            root: self.root(stall),
        }
    }

    /// All who wait, and the one for whom they do: once each.
    fn chain(&self, stall: &Stall) -> Vec<Waiter> {
        let mut chain: Vec<Waiter> = Vec::new();
        let mut add = |model: Option<ModelId>, site, tick| {
            let model = model.map(|model| unquoted(&(self.model)(model, site)).to_owned());
            let site = (self.site)(site);
            let is_there = |last: &Waiter| last.model == model && last.site == site;
            if !chain.last().is_some_and(is_there) {
                chain.push(Waiter { model, site, tick });
            }
        };
        let mut awaited = None;
        for (site, wait) in &stall.waits {
            if let Some((model @ Some(_), tick)) = awaited {
                add(model, *site, tick);
            }
            add(wait.model, *site, wait.tick);
            awaited = Some((wait.source, wait.tick));
        }
        if let Some((model @ Some(_), tick)) = awaited {
            add(model, stall.site, tick);
        }
        if awaited.is_none_or(|(model, _)| model != stall.model || model.is_none()) {
            add(stall.model, stall.site, stall.tick);
        }
        chain
    }

    /// Who is blocking whom: `'Control' here at tick 8 waits for 'Cell' on pi2, which has said nothing for 3 s`.
    fn words(&self, stall: &Stall) -> String {
        let mut text = String::new();
        let mut before = None;
        for (site, wait) in &stall.waits {
            let (place, tick) = (self.place(*site), wait.tick);
            let who = |model| (self.model)(model, *site);
            // Writing into a string cannot fail.
            let _ = match (before, wait.model) {
                (None, None) => write!(text, "the row of tick {tick} waits for "),
                (None, Some(model)) => {
                    write!(text, "{} {place} at tick {tick} waits for ", who(model))
                }
                (Some((awaited, at)), Some(model)) if awaited == Some(model) => {
                    if at == tick {
                        write!(text, ", which waits for ")
                    } else {
                        write!(text, ", which waits at tick {tick} for ")
                    }
                }
                (Some(_), Some(model)) => {
                    write!(text, ", where {} waits at tick {tick} for ", who(model))
                }
                (Some(_), None) => write!(text, ", where the row of tick {tick} waits for "),
            };
            let source = wait.source.map(|source| (self.model)(source, wait.site));
            let source = source.unwrap_or_else(|| "room".to_owned());
            let _ = write!(text, "{source} {}", self.place(wait.site));
            before = Some((wait.source, tick));
        }
        match (before, stall.model) {
            (None, _) => return self.root(stall),
            (Some((awaited, _)), Some(model)) if awaited != Some(model) => {
                let model = (self.model)(model, stall.site);
                let _ = write!(text, ", where {model} stands at tick {}", stall.tick);
            }
            _ => {}
        }
        text + ", " + &reason(stall.cause)
    }

    /// The end of the chain alone.
    fn root(&self, stall: &Stall) -> String {
        let reason = reason(stall.cause);
        let Some(model) = stall.model else {
            let reason = reason.strip_prefix("which ").unwrap_or(&reason);
            return format!("{} {reason}", (self.site)(stall.site));
        };
        let (model, place) = ((self.model)(model, stall.site), self.place(stall.site));
        format!("{model} {place} at tick {}, {reason}", stall.tick)
    }

    fn place(&self, site: SiteId) -> String {
        match (self.site)(site) {
            here if here == THIS_MACHINE => "here".to_owned(),
            name => format!("on {name}"),
        }
    }
}

fn unquoted(name: &str) -> &str {
    let inner = name
        .strip_prefix('\'')
        .and_then(|name| name.strip_suffix('\''));
    inner.unwrap_or(name)
}

/// Why somebody does not go on, behind whoever that is.
fn reason(cause: Cause) -> String {
    match cause {
        Cause::NotReady => "which still builds its models".to_owned(),
        Cause::Program => "whose program has not answered".to_owned(),
        Cause::Silent(time) => format!("which has said nothing for {}", duration(time)),
        Cause::TakesNothing => "which takes nothing of what is sent to it".to_owned(),
        Cause::Stepping(time) => {
            format!(
                "which has been in the middle of a step for {}",
                duration(time)
            )
        }
        Cause::OnItsWay => "which has sent it: it is on its way".to_owned(),
        Cause::Busy => "which has not made that step yet".to_owned(),
        Cause::Circle => "which waits in its turn: something is on its way".to_owned(),
        Cause::Unknown => "of which nothing is known here".to_owned(),
        Cause::NoAnswer => "which does not answer".to_owned(),
    }
}

/// The same for programs.
fn code(cause: Cause) -> &'static str {
    match cause {
        Cause::NotReady => "not_ready",
        Cause::Program => "program",
        Cause::Silent(_) => "silent",
        Cause::TakesNothing => "takes_nothing",
        Cause::Stepping(_) => "stepping",
        Cause::OnItsWay => "on_its_way",
        Cause::Busy => "busy",
        Cause::Circle => "circle",
        Cause::NoAnswer => "no_answer",
        Cause::Unknown => "unknown",
    }
}

/// Who waits for whom, for programs.
pub(crate) fn waiters_to_json(chain: &[Waiter]) -> Json {
    let waiter =
        |Waiter { model, site, tick }: &Waiter| json!({"model": model, "site": site, "tick": tick});
    chain.iter().map(waiter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::plan::CONTROLLER;
    use shared::progress::Wait;

    fn wait(model: Option<u32>, tick: Tick, site: u16, source: Option<u32>) -> Wait {
        Wait {
            model: model.map(ModelId),
            tick,
            site: SiteId(site),
            source: source.map(ModelId),
        }
    }

    fn stall(waits: &[Wait], cause: Cause) -> Stall {
        let last = waits[waits.len() - 1];
        let mut at = CONTROLLER;
        let waits = waits
            .iter()
            .map(|wait| (std::mem::replace(&mut at, wait.site), *wait));
        Stall {
            waits: waits.collect(),
            model: last.source,
            ..Stall::at(last.site, last.tick, cause)
        }
    }

    fn said(stall: &Stall) -> (String, String, Vec<String>) {
        let site = |site: SiteId| match site.0 {
            0 => THIS_MACHINE.to_owned(),
            number => format!("pi{number}"),
        };
        let names = Names {
            model: &|model, _| format!("'M{}'", model.0),
            site: &site,
        };
        let said = names.standstill(stall, Duration::from_secs(3), 7);
        let chain = said.chain.iter().map(|waiter| {
            let model = waiter.model.as_deref().unwrap_or("-");
            format!("{model} {} {}", waiter.site, waiter.tick)
        });
        (said.words, said.root, chain.collect())
    }

    #[test]
    fn a_chain_is_said_from_the_first_to_the_cause() {
        let waits = [
            wait(Some(1), 812, 2, Some(5)),
            wait(Some(5), 812, 1, Some(6)),
        ];
        let silent = Cause::Silent(Duration::from_secs(3));
        let (words, root, chain) = said(&stall(&waits, silent));
        assert_eq!(
            words,
            "'M1' here at tick 812 waits for 'M5' on pi2, which waits for 'M6' on pi1, which has said \
             nothing for 3 s"
        );
        assert_eq!(
            root,
            "'M6' on pi1 at tick 812, which has said nothing for 3 s"
        );
        assert_eq!(chain, ["M1 this machine 812", "M5 pi2 812", "M6 pi1 812"]);
    }

    #[test]
    fn where_a_site_waits_in_another_model_or_for_room_it_is_said() {
        let waits = [
            wait(None, 9, 1, Some(2)),
            wait(Some(3), 8, 2, None),
            wait(Some(4), 8, 3, Some(5)),
        ];
        let (words, _, chain) = said(&stall(&waits, Cause::Busy));
        assert_eq!(
            words,
            "the row of tick 9 waits for 'M2' on pi1, where 'M3' waits at tick 8 for room on pi2, where 'M4' \
             waits at tick 8 for 'M5' on pi3, which has not made that step yet"
        );
        let expected = [
            "- this machine 9",
            "M2 pi1 9",
            "M3 pi1 8",
            "M4 pi2 8",
            "M5 pi3 8",
        ];
        assert_eq!(chain, expected);
    }

    #[test]
    fn a_node_that_is_not_ready_and_a_program_are_said_by_themselves() {
        let (words, root, chain) = said(&Stall::at(SiteId(1), 0, Cause::NotReady));
        assert_eq!(words, "pi1 still builds its models");
        assert_eq!((root, chain), (words, vec!["- pi1 0".to_owned()]));
        let program = Stall {
            model: Some(ModelId(4)),
            ..Stall::at(CONTROLLER, 4, Cause::Program)
        };
        let (words, _, chain) = said(&program);
        assert_eq!(words, "'M4' here at tick 4, whose program has not answered");
        assert_eq!(chain, ["M4 this machine 4"]);
    }
}
