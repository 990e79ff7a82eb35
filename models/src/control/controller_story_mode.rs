//! The story of a scenario, and of a demonstration table.

use std::fmt;

use shared::model::{
    Build, Input, InputSlot, Literal, Memory, Model, ModelType, Need, Parameter, Published,
    PublishedSlot, Range, Step, StepError,
};
use shared::model_type;
use shared::time::Tick;
use shared::value::{Kind, Value};

use crate::parts::told::Told;
use crate::table::{Joined, Plugs, Seen, Telling};

model_type! {
    /// Story: from a certain step on, a reader takes the other one of its files; and what is plugged
    /// together on a demonstration table sets the levels of its units and what its cables show.
    ///
    /// # Model
    ///
    /// The first state is a step function of time, at tick t:
    ///
    /// ```text
    /// i = 0      t ≤ s
    /// i = 1      t > s
    /// ```
    ///
    /// The others are for the table. It is day where ⌊t / 10⌋ is even, else night. It is winter while any
    /// unit sees the plug with id 0, and for four steps more. Two units are joined where both see one id;
    /// of several, it is the first that the earlier unit names. The cables, and the levels of the units,
    /// 0 where their cable is not there:
    ///
    /// | cable | between | flows to | level |
    /// |---|---|---|---|
    /// | grid | `Load_EWI_LED`, `Grid_Ext_LED` | EWI | EWI 0.9 by day, 0.3 by night |
    /// | wind | `Wind_LED`, `Grid_Ext_LED` | grid | wind 0.6, in winter 0.9 |
    /// | house | `Load_house_LED`, `Grid_Ext_LED` | house | house 0.6 |
    /// | sun | `PV_LED`, `Load_EWI_LED` | EWI | PV 0.6 by day, 0 by night and in winter |
    /// | battery | `Battery_LED`, `Load_EWI_LED` | battery by day, EWI by night | battery 0.6, in winter 0 |
    ///
    /// Where grid, house and sun are there, EWI is at 0.6 by day and 0.9 by night; with the battery as
    /// well it is at 0.3, in winter at 0.9.
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
    /// For a table, connect `connections` of each `LED_connection` to `physical_connections`, and with a
    /// time shift the mapping of its name back to its `mapping`. Units are known by the names of these
    /// models. An item of a mapping has `from` and `to`, `connection_id`, and a `direction` that is -1 at
    /// the end that the flow runs to, and 1 at the other.
    ///
    /// Cables with one end, ids at more than two places, pairs that mean nothing here, and units that are
    /// not there are told, once and when that changes.
    ///
    /// # Source
    ///
    /// A script; there is nothing to look up.
    ///
    /// # Errors
    ///
    /// A `switch_step` that is no integer, or below 0, is refused. So are ids that are no single
    /// characters, in the step in which they come.
    ///
    /// # Example
    ///
    /// By default the index is 0 up to step 40 and 1 from step 41 on.
    ///
    /// With cable 1 seen by `Load_EWI_LED` and `Grid_Ext_LED` at tick 3, a day, `file_index_Load_EWI` is
    /// 0.9, and `Load_EWI_LED_mapping` has one item, from the grid to EWI, with direction -1.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its main branch has the first state only, its branch for clusters the eleven others; here they are
    /// one type.
    ///
    /// Added: `switch_step`, which there is always 40.
    ///
    /// Fixed, on the table: the end of the wind's cable at the wind is told what to show, where EWI was
    /// told; its level falls when its cable goes; days are counted in ticks, not in steps; which of
    /// several common ids counts does not change from run to run; one unit alone is no error; nothing
    /// waits.
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
        PHYSICAL_CONNECTIONS = Input::number(
            "physical_connections",
            "-",
            "the cables that each unit of a table sees",
        )
        .with_kind(Kind::Any)
        .with_need(Need::Optional)
        .with_initial(Literal::EmptyList)
        .by_source(),
    }
    published {
        FILE_INDEX_LOAD = Published::state(
            "file_index_Load",
            "-",
            "index of the file that a reader takes: 0 before the event, 1 after it",
        )
        .symbol("i"),
        EWI_LEVEL = level("file_index_Load_EWI", "level of EWI"),
        HOUSE_LEVEL = level("file_index_Load_house", "level of the house"),
        PV_LEVEL = level("file_index_PV", "level of the sun"),
        BATTERY_LEVEL = level("file_index_Battery", "level of the battery"),
        WIND_LEVEL = level("file_index_Wind", "level of the wind"),
        EWI_MAPPING = mapping("Load_EWI_LED_mapping", "what the cables at EWI show"),
        GRID_MAPPING = mapping("Grid_Ext_LED_mapping", "what the cables at the grid show"),
        HOUSE_MAPPING = mapping("Load_house_LED_mapping", "what the cables at the house show"),
        PV_MAPPING = mapping("PV_LED_mapping", "what the cables at the sun show"),
        BATTERY_MAPPING = mapping("Battery_LED_mapping", "what the cables at the battery show"),
        WIND_MAPPING = mapping("Wind_LED_mapping", "what the cables at the wind show"),
    }
}

const fn level(name: &'static str, meaning: &'static str) -> Published {
    Published::state(name, "-", meaning)
}

const fn mapping(name: &'static str, meaning: &'static str) -> Published {
    Published::state(name, "-", meaning)
        .with_kind(Kind::List)
        .with_initial(Literal::EmptyList)
}

/// The mappings, in the order of the units.
const MAPPINGS: [PublishedSlot; 6] = [
    EWI_MAPPING,
    GRID_MAPPING,
    HOUSE_MAPPING,
    PV_MAPPING,
    BATTERY_MAPPING,
    WIND_MAPPING,
];

/// The step of the story that the Python Illuminator tells.
const DEFAULT_SWITCH_STEP: Literal = Literal::Int(40);

/// Ticks of a day, and of a night.
const HALF_DAY: Tick = 10;

/// Steps of a winter, from the one in which its plug is seen last.
const WINTER_STEPS: u8 = 5;

struct Story {
    /// The last tick before the event.
    switch_step: Tick,
    /// The names of the units that are connected.
    units: Vec<String>,
    /// What was plugged in in the step before; `None` before the first one.
    plugs: Option<Plugs>,
    /// The steps that are left of the winter.
    winter: u8,
    telling: Telling,
    told: Told,
    no_units: Told,
}

/// A model that is connected and sees no cables.
struct NoUnit(String);

impl fmt::Display for NoUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "what '{}' sends to 'physical_connections' is no list of cables, so it is no unit of \
             the table; connect the state 'connections' of a model of the type LED_connection",
            self.0
        )
    }
}

impl Story {
    fn new(build: &Build<'_>) -> Self {
        let given = match *build.parameter(SWITCH_STEP) {
            Value::Int(ticks) => Tick::try_from(ticks).ok(),
            _ => None,
        };
        Self {
            switch_step: given.expect("checked to be an integer that is not negative"),
            units: Vec::new(),
            plugs: None,
            winter: 0,
            telling: Telling::default(),
            told: Told::default(),
            no_units: Told::default(),
        }
    }

    /// What is plugged in. Tells what there is to say of it, where it is not what it was.
    fn look(&mut self, step: &mut Step<'_>) -> Result<Plugs, StepError> {
        let plugs = match step.value(PHYSICAL_CONNECTIONS) {
            Some(value) => Plugs::read(value, self.units.len())?,
            None => Plugs::default(),
        };
        let none = plugs.without_a_list(&self.units);
        self.no_units
            .tell(step, none.map(|unit| NoUnit(unit).to_string()).collect());
        if !self.units.is_empty() && self.plugs.as_ref() != Some(&plugs) {
            let remarks = plugs.remarks(&self.units);
            self.told
                .tell(step, remarks.iter().map(ToString::to_string).collect());
        }
        self.plugs = Some(plugs.clone());
        Ok(plugs)
    }
}

impl Model for Story {
    fn connected(&mut self, _: InputSlot, sources: &[String]) {
        self.units = sources.to_vec();
    }

    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let index = i64::from(step.tick() > self.switch_step);
        step.publish(FILE_INDEX_LOAD, index);
        let plugs = self.look(step)?;
        self.winter = if plugs.has_winter() {
            WINTER_STEPS
        } else {
            self.winter.saturating_sub(1)
        };
        let joined = Joined::new(&self.units, &plugs);
        let seen = Seen {
            is_day: (step.tick() / HALF_DAY).is_multiple_of(2),
            is_winter: self.winter > 0,
        };
        let levels = joined.levels(seen);
        let slots = [EWI_LEVEL, HOUSE_LEVEL, PV_LEVEL, BATTERY_LEVEL, WIND_LEVEL];
        for (slot, level) in slots.into_iter().zip(levels) {
            step.publish(slot, level);
        }
        for (slot, mapping) in MAPPINGS
            .into_iter()
            .zip(self.telling.mappings(&joined, seen))
        {
            step.publish(slot, mapping);
        }
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        // Without what was plugged in before, what there is to say is made anew and found to be told.
        memory.keep(&mut self.winter);
        self.told.memory(memory);
        self.no_units.memory(memory);
        true
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

    /// A story of these units, and a step with these ids in their sockets.
    fn table(units: &[&str]) -> Rig {
        let mut story =
            Rig::new(&CONTROLLER_STORY_MODE, &ModelConfig::default()).expect("buildable");
        story.connect("physical_connections", units);
        story
    }

    fn plug(story: &mut Rig, ids: &[&str]) {
        let each = |ids: &&str| {
            let ids = ids.chars().map(|id| Value::text(&id.to_string()));
            Value::List(ids.collect())
        };
        let all = Value::List(ids.iter().map(each).collect());
        let seen = match ids {
            [only] => each(only),
            _ => all,
        };
        let inputs = [("physical_connections", seen)];
        story.step(&inputs).expect("a step");
    }

    #[test]
    fn without_a_table_its_states_are_empty_and_nothing_is_told_of_it() {
        let mut story =
            Rig::new(&CONTROLLER_STORY_MODE, &ModelConfig::default()).expect("buildable");
        story.step(&[]).expect("a step");
        assert_eq!(story.value("file_index_Wind"), Value::Int(0));
        assert_eq!(story.value("Wind_LED_mapping"), Value::List([].into()));
        assert_eq!(story.notices(), &[] as &[String]);
    }

    #[test]
    fn the_wind_shows_its_flow_and_has_none_without_its_cable() {
        let mut story = table(&["Wind_LED", "Grid_Ext_LED"]);
        plug(&mut story, &["2", "2"]);
        assert_eq!(story.value("file_index_Wind"), Value::Float(0.6));
        let shown = story.value("Wind_LED_mapping").to_string();
        assert!(shown.contains("'direction': 1"), "{shown}");
        plug(&mut story, &["2", ""]);
        assert_eq!(story.value("file_index_Wind"), Value::Int(0));
        assert_eq!(story.value("Wind_LED_mapping"), Value::List([].into()));
    }

    #[test]
    fn days_are_ten_ticks_whatever_the_step_size() {
        let config = ModelConfig {
            time_step_size: Some(3),
            ..ModelConfig::default()
        };
        let mut story = Rig::new(&CONTROLLER_STORY_MODE, &config).expect("buildable");
        story.connect("physical_connections", &["Load_EWI_LED", "Grid_Ext_LED"]);
        while story.next() < 30 {
            let is_day = story.next() / 10 != 1;
            plug(&mut story, &["1", "1"]);
            let level = if is_day { 0.9 } else { 0.3 };
            assert_eq!(story.value("file_index_Load_EWI"), Value::Float(level));
        }
    }

    #[test]
    fn one_unit_alone_can_make_winter() {
        let mut story = table(&["PV_LED"]);
        plug(&mut story, &["40"]);
        assert_eq!(story.value("file_index_PV"), Value::Int(0));
        let told = story.notices();
        assert!(told.iter().any(|said| said.contains("cable 4 has one end")));
        assert_eq!(told.len(), 1 + 5, "five units are not there: {told:?}");
    }

    #[test]
    fn what_is_missing_is_told_once_and_again_when_it_changes() {
        let mut story = table(&crate::table::UNITS);
        let step = |story: &mut Rig, pv: &str| {
            plug(story, &["", "", "", pv, "", ""]);
            story.notices().len()
        };
        let steps = ["", "4", "4", "43", "3", "", "4"];
        assert_eq!(steps.map(|pv| step(&mut story, pv)), [0, 1, 0, 1, 0, 0, 1]);
    }

    #[test]
    fn what_sends_no_list_is_no_unit() {
        let mut story = table(&["Load"]);
        let mut notices = || {
            let inputs = [("physical_connections", Value::Float(3.5))];
            story.step(&inputs).expect("a step");
            let about_the_load = |said: &&String| said.contains("'Load' sends");
            story.notices().iter().filter(about_the_load).count()
        };
        assert_eq!([notices(), notices()], [1, 0]);
    }

    #[test]
    fn ids_are_single_characters() {
        for wrong in [Value::text("12"), Value::Int(-1), Value::Null] {
            let mut story = table(&["PV_LED"]);
            let inputs = [("physical_connections", Value::List([wrong].into()))];
            let error = story.step(&inputs).expect_err("no id");
            assert_eq!(error.code, "type_mismatch:physical_connections");
        }
        let mut story = table(&["PV_LED"]);
        let seen = Value::List([Value::text("-1"), Value::Int(4)].into());
        story.step(&[("physical_connections", seen)]).expect("ids");
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
