//! Steps that are put off: models that are programs somewhere else, and have not answered yet.

use std::mem;

use super::site::Engine;
use super::state::State;
use shared::model::Waker;
use shared::plan::{ModelId, SitePlan};
use shared::time::Tick;

impl Engine {
    /// Gives the models whose steps can be put off the means to say that one may be made, and what the plan of the
    /// engine says of the world outside. To be called before the first step. Returns whether there are any.
    pub fn attend(&mut self, waker: &Waker, plan: &SitePlan) -> bool {
        let mut any = false;
        let State {
            models, listening, ..
        } = &mut self.state;
        for (place, planned) in models.ids().zip(&plan.models) {
            let own = &mut models[place];
            own.is_patient = own.instance.model.attend(waker, &planned.outside);
            any |= own.is_patient;
            if own.is_patient && planned.outside.paced {
                listening.push(place);
            }
        }
        any
    }

    /// Has the next call of [`Engine::run`] try the steps again that were put off. Where a run keeps to a pace, and
    /// programs may have something to say between steps, their models listen.
    pub fn retry(&mut self) {
        for &place in &self.state.listening {
            self.state.models[place].instance.model.listen();
        }
        let waiting = mem::take(&mut self.state.put_off);
        for &model in &waiting {
            self.state.ready.insert(self.wiring.models[model].group);
        }
        // The room is needed again.
        self.state.put_off = waiting;
        self.state.put_off.clear();
    }

    /// The earliest step that is put off, and whose it is.
    pub fn put_off(&self) -> Option<(ModelId, Tick)> {
        let waiting = self.state.put_off.iter();
        let steps = waiting.map(|&place| {
            let tick = self.state.models[place].next;
            (self.wiring.models[place].id, tick)
        });
        steps
            .filter(|(_, tick)| *tick < self.state.until)
            .min_by_key(|(model, tick)| (*tick, *model))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::{NoRows, Turn};
    use shared::files::MemoryFiles;
    use shared::journal::Outside;
    use shared::memory::Account;
    use shared::model::{Model, ModelConfig, ModelType, Registry, Step, StepError};
    use shared::plan::{CONTROLLER, PlannedModel, SitePlan};
    use shared::time::{TimeGrid, WallTime};

    /// A program that has answered so many steps.
    #[derive(Clone, Default)]
    struct Program {
        answered: Arc<AtomicU64>,
        tries: Arc<AtomicU64>,
    }

    impl Model for Program {
        fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
            self.tries.fetch_add(1, Ordering::Relaxed);
            if self.answered.load(Ordering::Relaxed) <= step.tick() {
                step.put_off();
            } else if step.tick() == 3 {
                step.come_again(6);
            }
            Ok(())
        }

        fn attend(&mut self, _: &Waker, _: &Outside) -> bool {
            true
        }
    }

    fn engine(program: &Program, ticks: Tick) -> Engine {
        let program = program.clone();
        let mut types = Registry::of(&[]);
        let described = ModelType::described("Program", move |_| Ok(Box::new(program.clone())));
        types.add(described).expect("taken in");
        let planned = |id| PlannedModel {
            saved: Vec::new(),
            id: ModelId(id),
            config: ModelConfig {
                model_type: "Program".into(),
                ..ModelConfig::default()
            },
            inputs: Vec::new(),
            leds: Vec::new(),
            outside: Outside::default(),
        };
        let plan = SitePlan {
            from: 0,
            site: CONTROLLER,
            grid: TimeGrid {
                start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
                resolution: 900,
                ticks,
            },
            models: vec![planned(7), planned(9)],
            imports: Vec::new(),
            exports: Vec::new(),
        };
        let (files, account) = (MemoryFiles::default(), Account::unlimited());
        let mut engine =
            Engine::build(&plan, &types, &files, account, &mut || true).expect("an engine");
        assert!(engine.attend(&Waker::new(|| {}), &plan));
        engine.look_ahead(|_| true).expect("nobody goes ahead");
        engine
    }

    fn run(engine: &mut Engine) -> Turn {
        engine.run(1000, &mut NoRows).expect("no rows to write")
    }

    #[test]
    fn a_step_that_is_put_off_is_tried_again_once_somebody_wakes() {
        let program = Program::default();
        let mut engine = engine(&program, 10);
        for _ in 0..3 {
            assert_eq!(run(&mut engine), Turn::Blocked);
        }
        assert_eq!(
            program.tries.load(Ordering::Relaxed),
            2,
            "not without a call"
        );
        assert_eq!(engine.put_off(), Some((ModelId(7), 0)));
        program.answered.store(2, Ordering::Relaxed);
        engine.retry();
        assert_eq!(run(&mut engine), Turn::Blocked);
        assert_eq!(
            (engine.steps(), engine.put_off()),
            (4, Some((ModelId(7), 2)))
        );
        program.answered.store(10, Ordering::Relaxed);
        engine.retry();
        assert_eq!(run(&mut engine), Turn::Finished);
        assert_eq!(engine.steps(), 2 * 8, "none at 4 and 5");
    }

    #[test]
    fn a_run_that_ends_early_waits_for_nobody() {
        let program = Program::default();
        let mut engine = engine(&program, 10);
        program.answered.store(4, Ordering::Relaxed);
        assert_eq!(run(&mut engine), Turn::Blocked);
        engine.limit(6);
        engine.retry();
        assert_eq!(run(&mut engine), Turn::Finished);
        assert_eq!(engine.put_off(), None);
    }
}
