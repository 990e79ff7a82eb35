//! What somebody looks at on a node, while it steps.

use shared::led::LedAttribute;
use shared::plan::ModelId;

/// The most attributes that are asked for at a time.
pub(super) const MAX_LOOKS: usize = 1024;

/// Questions and answers: the next question goes when the one before is answered.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// What has been asked, until it is answered.
    asked: Option<Vec<(ModelId, LedAttribute)>>,
    seen: Vec<(ModelId, LedAttribute, f64)>,
}

impl Looks {
    /// What to ask, if that is anything and nothing is still to be answered.
    pub(super) fn ask(&mut self, wanted: Vec<(ModelId, LedAttribute)>) -> Option<Vec<(ModelId, LedAttribute)>> {
        if self.asked.is_some() || wanted.is_empty() {
            return None;
        }
        self.asked = Some(wanted.clone());
        Some(wanted)
    }

    /// Takes an answer; returns whether it is one.
    pub(super) fn take(&mut self, values: Vec<f64>) -> bool {
        let Some(asked) = self.asked.take_if(|asked| asked.len() == values.len()) else {
            return false;
        };
        let both = asked.into_iter().zip(values);
        self.seen = both.map(|((model, attribute), value)| (model, attribute, value)).collect();
        true
    }

    /// What an attribute had come to, in the last answer.
    pub(super) fn seen(&self, model: ModelId, attribute: LedAttribute) -> Option<f64> {
        let mut seen = self.seen.iter();
        let found = seen.find(|(known, of, _)| (*known, *of) == (model, attribute));
        found.map(|(_, _, value)| *value)
    }
}
