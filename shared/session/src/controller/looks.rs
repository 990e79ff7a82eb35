//! What somebody looks at on a node, while it steps.

use shared::model::Facet;
use shared::plan::ModelId;

/// The most things that are asked for at a time.
pub(super) const MAX_LOOKS: usize = 1024;

/// Questions and answers: the next ones go when those before are answered.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// What has been asked last, of which so many are answered.
    asked: Vec<(ModelId, Facet)>,
    answered: usize,
    /// The newest answers.
    seen: Vec<(ModelId, Facet, f64)>,
}

impl Looks {
    /// What to ask now: nothing while something is still to be answered.
    pub(super) fn ask(&mut self, wanted: Vec<(ModelId, Facet)>) -> &[(ModelId, Facet)] {
        if self.answered < self.asked.len() {
            return &[];
        }
        self.seen
            .retain(|(model, facet, _)| wanted.contains(&(*model, *facet)));
        (self.asked, self.answered) = (wanted, 0);
        &self.asked
    }

    /// Takes an answer; returns whether it is one.
    pub(super) fn take(&mut self, value: f64) -> bool {
        let Some(&(model, facet)) = self.asked.get(self.answered) else {
            return false;
        };
        self.answered += 1;
        let mut seen = self.seen.iter_mut();
        match seen.find(|(known, of, _)| (*known, *of) == (model, facet)) {
            Some((_, _, newest)) => *newest = value,
            None => self.seen.push((model, facet, value)),
        }
        true
    }

    /// What something had come to, in the last answer.
    pub(super) fn seen(&self, model: ModelId, facet: Facet) -> Option<f64> {
        let mut seen = self.seen.iter();
        let found = seen.find(|(known, of, _)| (*known, *of) == (model, facet));
        found.map(|(_, _, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::model::{AttributeSlot, PublishedSlot};

    #[test]
    fn answers_have_the_order_of_questions_and_the_next_ones_wait_for_them() {
        let soc = Facet::Attribute(AttributeSlot::Published(PublishedSlot::new(2)));
        let (one, other) = ((ModelId(1), soc), (ModelId(4), soc));
        let mut looks = Looks::default();
        assert!(!looks.take(1.0), "nobody has asked");
        assert_eq!(looks.ask(vec![one, other]), [one, other]);
        assert!(looks.take(1.5));
        assert_eq!(looks.ask(vec![one]), [], "one is still to come");
        assert!(looks.take(2.5) && !looks.take(3.5));
        assert_eq!(
            (looks.seen(ModelId(1), soc), looks.seen(ModelId(4), soc)),
            (Some(1.5), Some(2.5))
        );
        assert_eq!(looks.ask(vec![other]), [other]);
        assert_eq!(
            (looks.seen(ModelId(1), soc), looks.seen(ModelId(4), soc)),
            (None, Some(2.5))
        );
    }
}
