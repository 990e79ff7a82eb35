//! Loops of direct connections, and the order of steps where there are none.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

/// How many loops are looked for. A scenario with more has plenty to repair.
const MAX_LOOPS: usize = 50;

/// A direct connection between two models.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrow {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Its place in the list of connections.
    pub(crate) connection: usize,
    /// Whether the target has an initial value, so that shifting it takes no more than that.
    pub(crate) is_shiftable: bool,
}

/// A loop of direct connections.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Loop {
    /// The models on it, each once, beginning with the one that comes first in the file.
    pub(crate) models: Vec<usize>,
    /// The connections to shift: all those between one model of the loop and the next.
    pub(crate) shift: Vec<usize>,
}

/// The models in an order that respects the arrows, ties by position in the file; or the loops.
pub(crate) fn order(models: usize, arrows: &[Arrow]) -> Result<Vec<usize>, Vec<Loop>> {
    let sorted = sort(models, arrows);
    if sorted.len() == models {
        return Ok(sorted);
    }
    let mut arrows = arrows.to_vec();
    let mut loops = Vec::new();
    while loops.len() < MAX_LOOPS
        && let Some(found) = find_loop(models, &arrows)
    {
        arrows.retain(|arrow| !found.shift.contains(&arrow.connection));
        loops.push(found);
    }
    Err(loops)
}

/// Kahn's algorithm; models on loops, and behind them, are left out.
fn sort(models: usize, arrows: &[Arrow]) -> Vec<usize> {
    let mut waiting = vec![0_usize; models];
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); models];
    for arrow in arrows {
        waiting[arrow.to] += 1;
        next[arrow.from].push(arrow.to);
    }
    let ready = |model: &usize| waiting[*model] == 0;
    let mut heap: BinaryHeap<_> = (0..models).filter(ready).map(Reverse).collect();
    let mut sorted = Vec::with_capacity(models);
    while let Some(Reverse(model)) = heap.pop() {
        sorted.push(model);
        for &to in &next[model] {
            waiting[to] -= 1;
            if waiting[to] == 0 {
                heap.push(Reverse(to));
            }
        }
    }
    sorted
}

fn find_loop(models: usize, arrows: &[Arrow]) -> Option<Loop> {
    if let Some(own) = arrows.iter().find(|arrow| arrow.from == arrow.to) {
        let own = own.from;
        return Some(with_shift(vec![own], arrows));
    }
    let sorted: BTreeSet<usize> = sort(models, arrows).into_iter().collect();
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); models];
    for arrow in arrows {
        if !sorted.contains(&arrow.from) && !sorted.contains(&arrow.to) {
            before[arrow.to].push(arrow.from);
        }
    }
    // Every model that is left has one that is left before it, so going back must come to a model
    // twice, and that one is on a loop.
    let mut model = (0..models).find(|model| !sorted.contains(model))?;
    let mut seen = BTreeSet::new();
    while seen.insert(model) {
        model = before[model].iter().copied().min()?;
    }
    Some(with_shift(shortest_loop(model, &before)?, arrows))
}

/// The shortest loop through a model, found backwards and so returned in the order of the arrows.
fn shortest_loop(through: usize, before: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut towards: Vec<Option<usize>> = vec![None; before.len()];
    let mut queue = VecDeque::from([through]);
    while let Some(model) = queue.pop_front() {
        for &previous in &before[model] {
            if towards[previous].is_some() {
                continue;
            }
            towards[previous] = Some(model);
            if previous == through {
                let mut found = vec![through];
                let mut model = model;
                while model != through {
                    found.push(model);
                    model = towards[model]?;
                }
                return Some(found);
            }
            queue.push_back(previous);
        }
    }
    None
}

/// Chooses what to shift: where the fewest connections have to be, then where initial values are
/// given, then what comes last in the file.
fn with_shift(mut models: Vec<usize>, arrows: &[Arrow]) -> Loop {
    let first = (0..models.len()).min_by_key(|place| models[*place]);
    models.rotate_left(first.unwrap_or(0));
    let next = models.iter().cycle().skip(1);
    let shift = models
        .iter()
        .zip(next)
        .map(|(from, to)| {
            let between: Vec<&Arrow> = arrows
                .iter()
                .filter(|arrow| arrow.from == *from && arrow.to == *to)
                .collect();
            let unprepared = between.iter().any(|arrow| !arrow.is_shiftable);
            let last = between.iter().map(|arrow| arrow.connection).max();
            let connections: Vec<usize> = between.iter().map(|arrow| arrow.connection).collect();
            ((connections.len(), unprepared, Reverse(last)), connections)
        })
        .min()
        .map_or(Vec::new(), |(_, connections)| connections);
    Loop { models, shift }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arrows(pairs: &[(usize, usize)]) -> Vec<Arrow> {
        let arrow = |(connection, &(from, to))| Arrow {
            from,
            to,
            connection,
            is_shiftable: true,
        };
        pairs.iter().enumerate().map(arrow).collect()
    }

    #[test]
    fn independent_models_keep_the_order_of_the_file() {
        assert_eq!(order(3, &[]), Ok(vec![0, 1, 2]));
        assert_eq!(order(4, &arrows(&[(3, 0), (2, 1)])), Ok(vec![2, 1, 3, 0]));
        assert_eq!(order(2, &arrows(&[(1, 0), (1, 0)])), Ok(vec![1, 0]));
    }

    #[test]
    fn a_loop_is_reported_once_and_its_last_connection_is_to_be_shifted() {
        // Model 3 is behind the loop, not on it.
        let found = order(4, &arrows(&[(2, 0), (0, 1), (1, 2), (2, 3)])).expect_err("a loop");
        let expected = Loop {
            models: vec![0, 1, 2],
            shift: vec![2],
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn a_single_connection_is_shifted_rather_than_two() {
        let found = order(2, &arrows(&[(0, 1), (1, 0), (1, 0)])).expect_err("a loop");
        assert_eq!(found[0].shift, [0]);
    }

    #[test]
    fn a_connection_into_an_initial_value_is_shifted_rather_than_another() {
        let mut arrows = arrows(&[(0, 1), (1, 0)]);
        arrows[1].is_shiftable = false;
        assert_eq!(order(2, &arrows).expect_err("a loop")[0].shift, [0]);
    }

    #[test]
    fn all_loops_are_reported_at_once() {
        let pairs = [(0, 0), (1, 2), (2, 1), (3, 4), (4, 5), (5, 3), (4, 3)];
        let found = order(6, &arrows(&pairs)).expect_err("loops");
        let models: Vec<_> = found.iter().map(|found| found.models.clone()).collect();
        assert_eq!(models, [vec![0], vec![1, 2], vec![3, 4], vec![3, 4, 5]]);
    }

    proptest! {
        #[test]
        fn shifting_what_is_reported_leaves_an_order(
            pairs in prop::collection::vec((0..12_usize, 0..12_usize), 0..30)
        ) {
            let arrows = arrows(&pairs);
            let shifted: Vec<usize> = match order(12, &arrows) {
                Ok(_) => Vec::new(),
                Err(loops) => loops.into_iter().flat_map(|found| found.shift).collect(),
            };
            let left: Vec<Arrow> =
                arrows.into_iter().filter(|arrow| !shifted.contains(&arrow.connection)).collect();
            let sorted = order(12, &left).expect("no loop is left");
            let place = |model| sorted.iter().position(|other| *other == model);
            for arrow in left {
                prop_assert!(place(arrow.from) < place(arrow.to));
            }
        }
    }
}
