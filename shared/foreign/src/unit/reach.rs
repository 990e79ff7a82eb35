//! Who reaches whom, and how many ticks later at least.

/// Pairs of simulators of a unit.
#[derive(Debug)]
pub(super) struct Reach {
    count: usize,
    ticks: Vec<Option<u64>>,
}

impl Reach {
    pub(super) fn new(count: usize) -> Self {
        let ticks = vec![None; count * count];
        Self { count, ticks }
    }

    /// Adds a way.
    pub(super) fn add(&mut self, from: usize, to: usize, ticks: u64) {
        let known = &mut self.ticks[from * self.count + to];
        *known = Some(known.map_or(ticks, |known| known.min(ticks)));
    }

    /// Adds all ways over others.
    pub(super) fn close(&mut self) {
        for over in 0..self.count {
            for from in 0..self.count {
                let Some(first) = self.ticks(from, over) else {
                    continue;
                };
                for to in 0..self.count {
                    if let Some(second) = self.ticks(over, to) {
                        self.add(from, to, first + second);
                    }
                }
            }
        }
    }

    /// The ticks of the shortest way, if there is one.
    pub(super) fn ticks(&self, from: usize, to: usize) -> Option<u64> {
        self.ticks[from * self.count + to]
    }

    pub(super) fn has(&self, from: usize, to: usize) -> bool {
        self.ticks(from, to).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_way_counts() {
        let mut reach = Reach::new(4);
        for (from, to, ticks) in [(0, 1, 1), (0, 1, 3), (1, 2, 1), (0, 2, 5), (2, 0, 0)] {
            reach.add(from, to, ticks);
        }
        reach.close();
        assert_eq!(reach.ticks(0, 2), Some(2));
        assert_eq!(reach.ticks(0, 0), Some(2));
        assert_eq!(reach.ticks(1, 0), Some(1));
        assert!(!reach.has(0, 3) && !reach.has(3, 3));
    }
}
