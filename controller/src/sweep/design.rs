//! Which variants a sweep has: each is a value for every factor.

use std::ops::Range;
use std::path::Path;

use shared::value::Value;

use super::SweepError;
use super::factor::Factor;
use super::samples::{Sampled, Samples};
use crate::scenario::{Assigned, Position};

/// A variant of a scenario.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    /// Its number, from 1.
    pub(crate) id: u64,
    /// The value of each factor.
    pub(crate) values: Vec<Value>,
    /// Where they are written.
    places: Vec<Position>,
}

/// Which variants there are.
#[derive(Debug)]
pub(crate) struct Design {
    pub(crate) factors: Vec<Factor>,
    kind: Kind,
    /// How many there are.
    pub(crate) count: u64,
}

#[derive(Debug)]
enum Kind {
    /// All combinations; the last factor changes fastest.
    Product,
    /// The first values of all factors, the second ones, and so on.
    Aligned,
    /// The rows of a table.
    Samples(Samples),
}

impl Design {
    /// All combinations of the values, or one after the other.
    ///
    /// # Errors
    /// Values that belong together are not equally many, or there are more combinations than can be counted.
    pub(crate) fn of(factors: Vec<Factor>, aligned: bool) -> Result<Self, SweepError> {
        if !aligned {
            let lengths = factors.iter().map(|factor| factor.values.len() as u64);
            let count = lengths.reduce(u64::saturating_mul).unwrap_or(1);
            if count > MOST {
                let text = format!(
                    "the values make more than {MOST} combinations; --samples takes a table of those that are \
                     wanted"
                );
                return Err(SweepError::Usage(text));
            }
            return Ok(Self {
                factors,
                kind: Kind::Product,
                count,
            });
        }
        let Some(first) = factors.first() else {
            let text = "values that belong together one by one are wanted (--aligned, or 'align_parameters' of the \
                        scenario), and no parameter has several; give 'multi_parameters' to a model, or --set";
            return Err(SweepError::Refused(text.to_owned()));
        };
        if let Some(other) = factors
            .iter()
            .find(|factor| factor.values.len() != first.values.len())
        {
            return Err(SweepError::Refused(format!(
                "values that belong together one by one must be equally many: '{}' has {} and '{}' has {}; without \
                 alignment all combinations are run",
                first.column(),
                first.values.len(),
                other.column(),
                other.values.len()
            )));
        }
        Ok(Self {
            count: first.values.len() as u64,
            factors,
            kind: Kind::Aligned,
        })
    }

    /// The rows of a table, and factors with one value each.
    ///
    /// # Errors
    /// The table cannot be read, or is none of this scenario.
    pub(crate) fn of_samples(
        path: &Path,
        fixed: Vec<Factor>,
        find: &dyn Fn(&str) -> Result<Factor, String>,
    ) -> Result<Self, SweepError> {
        if let Some(factor) = fixed.iter().find(|factor| factor.values.len() > 1) {
            return Err(SweepError::Usage(format!(
                "--samples says which variants there are, so --set has one value for each parameter: '{}' has {}",
                factor.column(),
                factor.values.len()
            )));
        }
        let (samples, sampled) = Samples::open(path, find)?;
        let known = |factor: &Factor| {
            let mut all = sampled.iter();
            all.any(|own| (own.model, &own.key) == (factor.model, &factor.key))
        };
        if let Some(twice) = fixed.iter().find(|factor| known(factor)) {
            return Err(SweepError::Usage(format!(
                "'{}' is in the table of samples and under --set; give it once",
                twice.column()
            )));
        }
        Ok(Self {
            count: samples.count,
            factors: sampled.into_iter().chain(fixed).collect(),
            kind: Kind::Samples(samples),
        })
    }

    /// The variants with these numbers, one after the other.
    ///
    /// # Errors
    /// A table of samples cannot be read.
    pub(crate) fn variants(&self, ids: Range<u64>) -> Result<Variants<'_>, SweepError> {
        let sampled = match &self.kind {
            Kind::Samples(samples) => Some(samples.rows(ids.start)?),
            _ => None,
        };
        Ok(Variants {
            design: self,
            ids,
            sampled,
        })
    }

    /// Which of its values each factor has in a variant, where they are lists.
    fn choice(&self, id: u64) -> Vec<usize> {
        let mut rest = id - 1;
        let mut choice = vec![0; self.factors.len()];
        for (place, factor) in choice.iter_mut().zip(&self.factors).rev() {
            let count = factor.values.len() as u64;
            let chosen = match self.kind {
                Kind::Aligned => id - 1,
                _ => rest % count,
            };
            *place = usize::try_from(chosen).unwrap_or(0);
            rest /= count;
        }
        choice
    }

    /// What a variant assigns.
    pub(crate) fn assigned(&self, variant: &Variant) -> Vec<Assigned> {
        let factors = self.factors.iter().enumerate();
        let values = variant.values.iter().zip(&variant.places);
        factors
            .zip(values)
            .map(|((number, factor), (value, place))| factor.assign(number, value, *place))
            .collect()
    }

    /// Whether its values are lists in which each can be looked at alone.
    pub(crate) fn is_product(&self) -> bool {
        matches!(self.kind, Kind::Product)
    }

    /// The table that it reads, if it does.
    pub(crate) fn table(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Samples(samples) => Some(&samples.path),
            _ => None,
        }
    }
}

/// More combinations nobody waits for.
const MOST: u64 = 1_000_000_000_000;

impl Variant {
    /// A variant with these values, which nobody counts.
    pub(crate) fn of(values: Vec<Value>) -> Self {
        let places = vec![Position::START; values.len()];
        Self {
            id: 1,
            values,
            places,
        }
    }

    /// The same with another value of a factor.
    pub(crate) fn with(&self, factor: usize, value: Value, place: Position) -> Self {
        let mut other = self.clone();
        other.values[factor] = value;
        other.places[factor] = place;
        other
    }

    /// Where the value of a factor is written.
    pub(crate) fn place(&self, factor: usize) -> Position {
        self.places.get(factor).copied().unwrap_or(Position::START)
    }
}

/// Variants, one after the other.
#[derive(Debug)]
pub(crate) struct Variants<'a> {
    design: &'a Design,
    ids: Range<u64>,
    sampled: Option<Sampled<'a>>,
}

impl Iterator for Variants<'_> {
    type Item = Result<Variant, SweepError>;

    fn next(&mut self) -> Option<Self::Item> {
        let id = self.ids.next()?;
        let Design { factors, .. } = self.design;
        let Some(sampled) = &mut self.sampled else {
            let choice = self.design.choice(id);
            let chosen = factors.iter().zip(choice);
            let chosen = chosen.map(|(factor, place)| factor.values[place].clone());
            let (values, places) = chosen.unzip();
            return Some(Ok(Variant { id, values, places }));
        };
        Some(sampled.next().map(|(mut values, mut places)| {
            let fixed = factors.iter().filter_map(|factor| factor.values.first());
            for (value, place) in fixed {
                values.push(value.clone());
                places.push(*place);
            }
            Variant { id, values, places }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(name: &str, values: &[i64]) -> Factor {
        let values = values.iter();
        Factor {
            model: 0,
            model_name: name.to_owned(),
            key: "x".into(),
            values: values
                .map(|value| (Value::Int(*value), Position::START))
                .collect(),
            option: None,
        }
    }

    fn all(design: &Design) -> Vec<String> {
        let variants = design.variants(1..design.count + 1).expect("no table");
        let shown = variants.map(|variant| {
            let values = variant.expect("a variant").values;
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            values.join(",")
        });
        shown.collect()
    }

    #[test]
    fn of_all_combinations_the_last_factor_changes_fastest() {
        let factors = vec![factor("A", &[1, 2]), factor("B", &[3, 4, 5])];
        let design = Design::of(factors, false).expect("a design");
        assert_eq!(all(&design), ["1,3", "1,4", "1,5", "2,3", "2,4", "2,5"]);
        let none = Design::of(Vec::new(), false).expect("one variant");
        assert_eq!((none.count, all(&none)), (1, vec![String::new()]));
    }

    #[test]
    fn aligned_values_belong_together() {
        let factors = vec![factor("A", &[1, 2]), factor("B", &[3, 4])];
        let design = Design::of(factors, true).expect("a design");
        assert_eq!(all(&design), ["1,3", "2,4"]);
        let error = Design::of(vec![factor("A", &[1, 2]), factor("B", &[3])], true);
        let error = error.expect_err("not equally many").to_string();
        assert!(
            error.contains("'A.parameter.x' has 2 and 'B.parameter.x' has 1"),
            "{error}"
        );
        assert!(Design::of(Vec::new(), true).is_err());
    }

    #[test]
    fn more_combinations_than_can_be_counted_are_refused() {
        let values: Vec<i64> = (0..100_000).collect();
        let factors = vec![factor("A", &values); 5];
        assert!(Design::of(factors, false).is_err());
    }
}
