//! A model on a test rig: built from a few entries, stepped by hand, in quarter hours.

use shared::cable::Window;
use shared::cable::{Picture, Sight, SocketWish};
use shared::files::MemoryFiles;
use shared::model::{
    BuildError, Entries, Instance, Literal, Memory, ModelConfig, ModelType, SideFile, StepError,
};
use shared::time::{Tick, TimeGrid, WallTime};
use shared::value::{Number, Value};

pub(crate) struct Rig {
    instance: Instance,
    published: Vec<Option<Value>>,
    notices: Vec<String>,
    files: Vec<SideFile>,
    window: Window,
    next: Tick,
}

/// The entries of a section.
pub(crate) fn section(entries: &[(&str, Literal)]) -> Entries {
    let entry = |(key, literal): &(&str, Literal)| ((*key).into(), literal.into());
    entries.iter().map(entry).collect()
}

/// The entry of a model in the scenario, with these parameters and nothing else.
pub(crate) fn with_parameters(entries: &[(&str, Literal)]) -> ModelConfig {
    ModelConfig {
        parameters: Some(section(entries)),
        ..ModelConfig::default()
    }
}

/// The entries, with other values for some of the keys.
pub(crate) fn changed<'a>(
    entries: &[(&'a str, Literal)],
    changes: &[(&'a str, Literal)],
) -> Vec<(&'a str, Literal)> {
    let mut entries = entries.to_vec();
    for (key, value) in changes {
        let entry = entries.iter_mut().find(|(known, _)| known == key);
        entry.expect("one of the entries").1 = value.clone();
    }
    entries
}

/// What a model keeps of itself.
pub(crate) fn save(instance: &mut Instance) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut memory = Memory::save(&mut bytes);
    assert!(instance.model.memory(&mut memory) && memory.is_whole());
    bytes
}

/// Has a model become that; whether all was put back.
pub(crate) fn restore(instance: &mut Instance, bytes: &[u8]) -> bool {
    let mut memory = Memory::restore(bytes);
    instance.model.memory(&mut memory) && memory.is_whole()
}

impl Rig {
    /// Builds the model; the first thing that is wrong with it, where it cannot be built.
    pub(crate) fn new(
        model_type: &'static ModelType,
        config: &ModelConfig,
    ) -> Result<Self, BuildError> {
        let grid = TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
            resolution: 900,
            ticks: 1000,
        };
        let files = MemoryFiles::default();
        let instance = shared::model::build(model_type, config, grid, &files)
            .map_err(|mut errors| errors.remove(0))?;
        let published = vec![None; instance.published.len()];
        let sockets = instance.sockets.as_ref();
        let window = Window::new(sockets.map_or(0, |wish| wish.devices.len()));
        Ok(Self {
            instance,
            published,
            notices: Vec::new(),
            files: Vec::new(),
            window,
            next: 0,
        })
    }

    /// Says which models are connected to an input.
    pub(crate) fn connect(&mut self, name: &str, sources: &[&str]) {
        let slot = self.instance.input_slot(name).expect("one of the inputs");
        let sources: Vec<String> = sources.iter().map(|name| (*name).to_owned()).collect();
        self.instance.model.connected(slot, &sources);
    }

    /// Gives a parameter that can be adjusted another value.
    pub(crate) fn adjust(&mut self, name: &str, value: f64) {
        let slot = self.instance.model_type.parameter_slot(name);
        let slot = slot.expect("one of the parameters");
        assert!(
            self.instance.model.adjust(slot, Number::Float(value)),
            "{name}"
        );
    }

    /// Puts something into a socket.
    pub(crate) fn look(&mut self, socket: usize, sight: Sight) {
        self.window.set_sight(socket, sight);
    }

    /// What the last step has the cable in a socket show.
    pub(crate) fn picture(&self, socket: usize) -> Option<Picture> {
        self.window.picture(socket)
    }

    /// What the model wants of sockets.
    pub(crate) fn sockets(&self) -> Option<&SocketWish> {
        self.instance.sockets.as_ref()
    }

    /// Steps the model with these values at its inputs.
    pub(crate) fn step(&mut self, values: &[(&str, Value)]) -> Result<(), StepError> {
        let mut inputs = vec![None; self.instance.model_type.inputs.len()];
        for (name, value) in values {
            let slot = self.instance.input_slot(name).expect("one of the inputs");
            inputs[slot.index()] = Some(value.clone());
        }
        let window = Some(&mut self.window);
        let stepped = self
            .instance
            .step_with(self.next, &inputs, &mut self.published, window)?;
        self.next = stepped.next;
        let said = stepped.notices().iter();
        self.notices = said.map(|said| said.text.clone()).collect();
        self.files = stepped.files().to_vec();
        Ok(())
    }

    /// What the model published last under a name.
    pub(crate) fn value(&self, name: &str) -> Value {
        let slot = self.instance.published_slot(name).expect("published");
        let value = self.published[slot.index()].clone();
        value.expect("published by the last step")
    }

    /// What the model published last under a name, as a float.
    pub(crate) fn float(&self, name: &str) -> f64 {
        let number = self.value(name).as_number();
        number.expect("a number").to_f64()
    }

    /// What the user is told about the configuration.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.instance.warnings
    }

    /// What the user is told by the last step.
    pub(crate) fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The files that the last step asks for.
    pub(crate) fn files(&self) -> &[SideFile] {
        &self.files
    }

    /// The tick of the next step.
    pub(crate) fn next(&self) -> Tick {
        self.next
    }

    /// Whether something must be connected to an input.
    pub(crate) fn requires(&self, name: &str) -> bool {
        let slot = self.instance.input_slot(name).expect("one of the inputs");
        self.instance.requires(slot)
    }
}
