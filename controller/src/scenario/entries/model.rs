//! A model's entry in the scenario file.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared::model::{Entries, ModelConfig, Place, Section};
use shared::value::Value;

use super::connect::Connect;
use super::fields::{Fields, filled_list, wrong_kind};
use super::led::{self, LedEntry};
use super::values::value;
use super::varied::{self, Varied};
use crate::scenario::problems::{Position, Problems, shortened};
use crate::scenario::yaml::{Content, Node};

const KEYS: &[&str] = &[
    "name",
    "type",
    "parameters",
    "inputs",
    "outputs",
    "states",
    "time_step_size",
    "triggers",
    "connect",
    "leds",
    "multi_parameters",
];

/// All sections, in their usual order.
pub(crate) const SECTIONS: [Section; 4] = [
    Section::Parameters,
    Section::Inputs,
    Section::Outputs,
    Section::States,
];

/// A model's entry, as far as it could be read.
#[derive(Clone, Debug)]
pub(crate) struct ModelEntry {
    /// How messages call the model: `model 'Homes'`.
    pub(crate) label: String,
    /// Where its name stands.
    pub(crate) position: Position,
    pub(crate) name: Option<String>,
    /// The name of its type, and where it stands.
    pub(crate) type_name: Option<(String, Position)>,
    sections: Vec<SectionEntry>,
    /// Sections that are there and cannot be used.
    broken: Vec<Section>,
    pub(crate) time_step_size: Option<u32>,
    pub(crate) connect: Option<Connect>,
    /// The lights that show its values.
    pub(crate) leds: Vec<LedEntry>,
    /// Where the section is, if there is one, of the parameters that have other values in each run of a sweep.
    pub(crate) varied_at: Option<Position>,
    /// These parameters.
    pub(crate) varied: Vec<Varied>,
    /// Whether everything that building the model takes could be read.
    pub(crate) is_sound: bool,
}

#[derive(Clone, Debug)]
struct SectionEntry {
    section: Section,
    position: Position,
    entries: Vec<Given>,
    places: BTreeMap<Arc<str>, usize>,
}

/// An entry of a section.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) name: Arc<str>,
    pub(crate) position: Position,
    pub(crate) value: Value,
}

impl ModelEntry {
    /// Reads the entry with this number, counted from 0.
    pub(crate) fn read(node: &Node, number: usize, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, format!("model number {}", number + 1), KEYS, problems)?;
        let name = fields.required_text("name", problems);
        if let Some((name, _)) = name {
            fields.object = format!("model '{}'", shortened(name));
        }
        fields.refuse_unknown(problems);
        let type_name = fields.required_text("type", problems);
        let mut entry = Self {
            label: fields.object.clone(),
            position: name.map_or(node.position, |(_, position)| position),
            name: name.map(|(name, _)| name.to_owned()),
            type_name: type_name.map(|(name, position)| (name.to_owned(), position)),
            sections: Vec::new(),
            broken: Vec::new(),
            time_step_size: fields.integer("time_step_size", 1..=u32::MAX, problems),
            connect: None,
            leds: led::read(&fields, problems),
            varied_at: None,
            varied: Vec::new(),
            is_sound: true,
        };
        for section in SECTIONS {
            entry.read_section(&fields, section, problems);
        }
        let unreadable_step = fields.get("time_step_size").is_some();
        entry.is_sound = entry.broken.is_empty()
            && (entry.time_step_size.is_some() || !unreadable_step)
            && name.is_some();
        entry.read_placement(&fields, problems);
        Some(entry)
    }

    fn read_section(&mut self, fields: &Fields<'_>, section: Section, problems: &mut Problems) {
        let key = section.key();
        let (Some(node), Some(position)) = (fields.get(key), fields.place_of(key)) else {
            if fields.misspells(key) {
                self.broken.push(section);
            }
            return;
        };
        let entries = match &node.content {
            Content::Map(entries) if !entries.is_empty() => entries,
            _ => {
                let wanted = "a mapping with at least one entry (or be left out)";
                wrong_kind(node, &fields.name_of(key), wanted, problems);
                self.broken.push(section);
                return;
            }
        };
        let mut given = Vec::with_capacity(entries.len());
        let mut places = BTreeMap::new();
        for entry in entries {
            let name = Arc::clone(&entry.key.text);
            let called = fields.name_of(&format!("{key}.{}", shortened(&name)));
            match value(&entry.value, &called, problems) {
                Some(value) => {
                    places.insert(Arc::clone(&name), given.len());
                    given.push(Given {
                        name,
                        position: entry.key.position,
                        value,
                    });
                }
                None => self.broken.push(section),
            }
        }
        self.sections.push(SectionEntry {
            section,
            position,
            entries: given,
            places,
        });
    }

    /// The keys that do not concern the model itself.
    fn read_placement(&mut self, fields: &Fields<'_>, problems: &mut Problems) {
        let label = &self.label;
        if let (Some(node), Some(place)) = (fields.get("connect"), fields.place_of("connect")) {
            self.connect = Connect::read(node, place, label, problems);
        }
        if let (Some(node), Some(place)) = (fields.get("triggers"), fields.place_of("triggers"))
            && filled_list(node, &fields.name_of("triggers"), problems).is_some()
        {
            let message = format!("{label}: 'triggers' has no effect, all models are time-based");
            problems.warning("ignored_key", place, message);
        }
        let key = "multi_parameters";
        if let (Some(node), Some(place)) = (fields.get(key), fields.place_of(key)) {
            self.varied = varied::read(node, &fields.name_of(key), problems);
            self.varied_at = Some(place);
        }
    }

    /// Gives a parameter another value, as if it stood in this place.
    pub(crate) fn assign(&mut self, name: &Arc<str>, value: Value, position: Position) {
        let section = Section::Parameters;
        let place = self
            .sections
            .iter()
            .position(|known| known.section == section);
        let place = place.unwrap_or_else(|| {
            self.sections.push(SectionEntry {
                section,
                position: self.position,
                entries: Vec::new(),
                places: BTreeMap::new(),
            });
            self.sections.len() - 1
        });
        let SectionEntry {
            entries, places, ..
        } = &mut self.sections[place];
        let given = Given {
            name: Arc::clone(name),
            position,
            value,
        };
        if let Some(place) = places.get(name) {
            entries[*place] = given;
        } else {
            places.insert(Arc::clone(name), entries.len());
            entries.push(given);
        }
    }

    /// The entries of a section; none where it is left out.
    pub(crate) fn given(&self, section: Section) -> &[Given] {
        self.section(section)
            .map_or(&[], |found| found.entries.as_slice())
    }

    fn section(&self, section: Section) -> Option<&SectionEntry> {
        self.sections.iter().find(|found| found.section == section)
    }

    /// An entry of a section.
    pub(crate) fn find(&self, section: Section, name: &str) -> Option<&Given> {
        let found = self.section(section)?;
        found.entries.get(*found.places.get(name)?)
    }

    /// Whether a section is there that could not be read.
    pub(crate) fn is_broken(&self, section: Section) -> bool {
        self.broken.contains(&section)
    }

    /// The part of the entry that concerns the model itself.
    pub(crate) fn config(&self) -> ModelConfig {
        let entries = |section| -> Option<Entries> {
            let given = &self.section(section)?.entries;
            let pair = |given: &Given| (Arc::clone(&given.name), given.value.clone());
            Some(given.iter().map(pair).collect())
        };
        ModelConfig {
            name: self.name.clone().unwrap_or_default(),
            model_type: self
                .type_name
                .as_ref()
                .map(|(name, _)| name.clone())
                .unwrap_or_default(),
            parameters: entries(Section::Parameters),
            inputs: entries(Section::Inputs),
            outputs: entries(Section::Outputs),
            states: entries(Section::States),
            time_step_size: self.time_step_size,
        }
    }

    /// Where in the file a place is: the key, else the section, else the model.
    pub(crate) fn locate(&self, place: &Place) -> Position {
        let Place::Key(section, key) = place else {
            return self.position;
        };
        match (self.find(*section, key), self.section(*section)) {
            (Some(given), _) => given.position,
            (None, Some(section)) => section.position,
            (None, None) => self.position,
        }
    }
}
