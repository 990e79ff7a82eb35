//! What a parameter does to an indicator.

use super::table::{Column, Table};

/// Where a parameter has more values than this, its lowest and its highest tenth are compared.
const LEVELS: usize = 20;

/// What an indicator is on average where a parameter is low, and where it is high.
#[derive(Debug)]
pub(super) struct Effect<'a> {
    pub(super) factor: &'a Column,
    /// The values of the parameter there, in words.
    pub(super) ends: [String; 2],
    /// The means of the indicator there.
    pub(super) means: [f64; 2],
}

impl Effect<'_> {
    /// How far apart the means are.
    pub(super) fn span(&self) -> f64 {
        (self.means[1] - self.means[0]).abs()
    }
}

/// What each parameter does to an indicator; the one that does most comes first.
pub(super) fn effects<'a>(table: &'a Table, indicator: &Column) -> Vec<Effect<'a>> {
    let effects = table
        .factors
        .iter()
        .filter_map(|factor| effect(factor, indicator));
    let mut effects: Vec<Effect<'a>> = effects.collect();
    effects.sort_by(|a, b| b.span().total_cmp(&a.span()));
    effects
}

fn effect<'a>(factor: &'a Column, indicator: &Column) -> Option<Effect<'a>> {
    let pairs = factor.values.iter().zip(&indicator.values);
    let pairs = pairs.filter(|(value, number)| value.is_finite() && number.is_finite());
    let mut pairs: Vec<(f64, f64)> = pairs.map(|(value, number)| (*value, *number)).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let levels: Vec<&[(f64, f64)]> = pairs.chunk_by(|a, b| a.0 == b.0).collect();
    if levels.len() < 2 {
        return None;
    }
    let tenth = pairs.len() / 10;
    let ends = if levels.len() <= LEVELS || tenth == 0 {
        let mut ends = [levels[0], levels[levels.len() - 1]];
        if !factor.words.is_empty() {
            // Words have no order but that of what comes of them.
            let by_mean = |a: &&&[(f64, f64)], b: &&&[(f64, f64)]| mean(a).total_cmp(&mean(b));
            ends = [
                levels.iter().min_by(by_mean)?,
                levels.iter().max_by(by_mean)?,
            ];
        }
        ends
    } else {
        [&pairs[..tenth], &pairs[pairs.len() - tenth..]]
    };
    let written = |end: &[(f64, f64)]| {
        let (first, last) = (end[0].0, end[end.len() - 1].0);
        if first == last {
            factor.written(first)
        } else {
            format!("{} to {}", factor.written(first), factor.written(last))
        }
    };
    Some(Effect {
        factor,
        ends: ends.map(written),
        means: ends.map(mean),
    })
}

fn mean(pairs: &[(f64, f64)]) -> f64 {
    pairs.iter().map(|pair| pair.1).sum::<f64>() / pairs.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, values: &[f64], words: &[&str]) -> Column {
        Column {
            name: name.to_owned(),
            unit: String::new(),
            is_factor: true,
            values: values.to_vec(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    #[test]
    fn the_parameter_that_does_most_comes_first() {
        let table = Table {
            factors: vec![
                column("A.x", &[1.0, 1.0, 2.0, 2.0], &[]),
                column("B.y", &[5.0, 7.0, 5.0, 7.0], &[]),
                column("C.kind", &[0.0, 1.0, 1.0, 0.0], &["power", "energy"]),
                column("D.same", &[3.0; 4], &[]),
            ],
            // 10 × B, 1 × A
            indicators: vec![column("sum", &[51.0, 71.0, 52.0, 72.0], &[])],
            rows: 4,
        };
        let found = effects(&table, &table.indicators[0]);
        let shown: Vec<_> = found
            .iter()
            .map(|effect| {
                (
                    effect.factor.name.as_str(),
                    effect.ends.join(" "),
                    effect.means,
                )
            })
            .collect();
        assert_eq!(shown[0], ("B.y", "5 7".to_owned(), [51.5, 71.5]));
        assert_eq!(shown[1], ("A.x", "1 2".to_owned(), [61.0, 62.0]));
        assert_eq!(shown[2].0, "C.kind");
        assert_eq!(shown.len(), 3, "what does not change does nothing");
    }

    #[test]
    fn of_many_values_the_tenths_at_the_ends_are_compared() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let table = Table {
            factors: vec![column("A.x", &values, &[])],
            indicators: vec![column("x", &values, &[])],
            rows: 100,
        };
        let found = effects(&table, &table.indicators[0]);
        assert_eq!(found[0].means, [4.5, 94.5]);
        assert_eq!(found[0].ends, ["0 to 9", "90 to 99"]);
    }
}
