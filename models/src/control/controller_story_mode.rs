//! The scripted event of a story.

use shared::model::{
    Build, Input, Literal, Model, ModelType, Parameter, Published, Range, Step, StepError,
};
use shared::model_type;
use shared::time::Tick;
use shared::value::Value;

model_type! {
    /// Scripted event: from a certain step on, a reader takes the other one of its files.
    ///
    /// # Model
    ///
    /// A step function of time, at tick t:
    ///
    /// ```text
    /// i = 0      t ≤ s
    /// i = 1      t > s
    /// ```
    ///
    /// # Assumptions
    ///
    /// The moment in the story depends on `time_resolution`: 40 ticks of 900 s are ten hours. With a
    /// `time_step_size` above 1 the event comes with the first step after s. It is never taken back.
    ///
    /// Connect `file_index_Load`, without time shift, to the input `file_index` of a reader with two
    /// files. The reader delivers a row of the second file in step s + 1, and needs the row of
    /// step s in it, too.
    ///
    /// # Source
    ///
    /// A script; there is nothing to look up.
    ///
    /// # Errors
    ///
    /// A `switch_step` that is no integer, or below 0, is refused.
    ///
    /// # Example
    ///
    /// By default the index is 0 up to step 40 and 1 from step 41 on.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: the name of the state. The input is accepted and changes nothing.
    ///
    /// Added: `switch_step`, which there is always 40.
    pub static CONTROLLER_STORY_MODE =
        ModelType::new("Controller_StoryMode", |build| Ok(Box::new(Story::new(build))));
    parameters {
        SWITCH_STEP = Parameter::integer("switch_step", "ticks", "last step before the event")
            .symbol("s")
            .with_default(DEFAULT_SWITCH_STEP)
            .if_missing(DEFAULT_SWITCH_STEP)
            .in_range(Range::NOT_NEGATIVE),
    }
    inputs {
        _ = Input::unused("physical_connections", "-", "not used").with_initial(Literal::EmptyList),
    }
    published {
        FILE_INDEX_LOAD = Published::state(
            "file_index_Load",
            "-",
            "index of the file that a reader takes: 0 before the event, 1 after it",
        )
        .symbol("i"),
    }
}

/// The step of the story that the Python Illuminator tells.
const DEFAULT_SWITCH_STEP: Literal = Literal::Int(40);

struct Story {
    /// The last tick before the event.
    switch_step: Tick,
}

impl Story {
    fn new(build: &Build<'_>) -> Self {
        let given = match *build.parameter(SWITCH_STEP) {
            Value::Int(ticks) => Tick::try_from(ticks).ok(),
            _ => None,
        };
        Self {
            switch_step: given.expect("checked to be an integer that is not negative"),
        }
    }
}

impl Model for Story {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let index = i64::from(step.tick() > self.switch_step);
        step.publish(FILE_INDEX_LOAD, index);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use shared::model::ModelConfig;

    fn index_at(story: &mut Rig, tick: Tick) -> Value {
        while story.next() <= tick {
            story.step(&[]).expect("a step");
        }
        story.value("file_index_Load")
    }

    #[test]
    fn the_index_changes_after_step_40() {
        for config in [ModelConfig::default(), with_parameters(&[])] {
            let mut story = Rig::new(&CONTROLLER_STORY_MODE, &config).expect("buildable");
            for (tick, index) in [(0, 0), (40, 0), (41, 1), (99, 1)] {
                assert_eq!(index_at(&mut story, tick), Value::Int(index), "{tick}");
            }
        }
    }

    #[test]
    fn the_story_may_have_another_step() {
        let config = with_parameters(&[("switch_step", Literal::Int(3))]);
        let mut story = Rig::new(&CONTROLLER_STORY_MODE, &config).expect("buildable");
        assert_eq!(index_at(&mut story, 3), Value::Int(0));
        assert_eq!(index_at(&mut story, 4), Value::Int(1));
    }

    #[test]
    fn with_a_larger_step_the_event_comes_with_the_first_step_after_it() {
        let config = ModelConfig {
            time_step_size: Some(8),
            ..ModelConfig::default()
        };
        let mut story = Rig::new(&CONTROLLER_STORY_MODE, &config).expect("buildable");
        assert_eq!(index_at(&mut story, 47), Value::Int(0));
        assert_eq!(index_at(&mut story, 48), Value::Int(1));
    }

    #[test]
    fn whatever_is_connected_changes_nothing() {
        let mut story =
            Rig::new(&CONTROLLER_STORY_MODE, &ModelConfig::default()).expect("buildable");
        let inputs = [("physical_connections", Value::text("anything"))];
        story.step(&inputs).expect("a step");
        assert_eq!(story.value("file_index_Load"), Value::Int(0));
    }

    #[test]
    fn a_step_must_be_an_integer_that_is_not_negative() {
        for step in [Literal::Int(-1), Literal::Float(40.0)] {
            let config = with_parameters(&[("switch_step", step)]);
            let error = Rig::new(&CONTROLLER_STORY_MODE, &config);
            let code = error.err().expect("refused").code;
            assert_eq!(code, "invalid_parameter:switch_step");
        }
    }
}
