//! Many values as few, so that no peak is lost.

/// Rows that follow each other, as what is to be seen of them: the smallest and the largest value, and
/// when they were.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// When it begins.
    pub start: i64,
    /// The smallest value; not-a-number where no value is a number.
    pub low: f64,
    /// When that was first.
    pub low_at: i64,
    /// The largest value; not-a-number likewise.
    pub high: f64,
    /// When that was first.
    pub high_at: i64,
}

impl Bucket {
    /// A bucket with one value. What is no finite number counts as no value.
    fn of(time: i64, value: f64) -> Self {
        let value = if value.is_finite() { value } else { f64::NAN };
        Self {
            start: time,
            low: value,
            low_at: time,
            high: value,
            high_at: time,
        }
    }

    /// Takes in what comes after it.
    fn join(&mut self, later: &Self) {
        if later.low < self.low || self.low.is_nan() {
            (self.low, self.low_at) = (later.low, later.low_at);
        }
        if later.high > self.high || self.high.is_nan() {
            (self.high, self.high_at) = (later.high, later.high_at);
        }
    }

    /// What is to be drawn of it, in the order of time. Nothing where it has no value.
    pub fn points(&self) -> impl Iterator<Item = (i64, f64)> + use<> {
        let (low, high) = ((self.low_at, self.low), (self.high_at, self.high));
        let (first, second) = if low.0 <= high.0 {
            (low, high)
        } else {
            (high, low)
        };
        let second = (first != second).then_some(second);
        let points = [Some(first), second].into_iter().flatten();
        points.filter(|(_, value)| !value.is_nan())
    }
}

/// Reduces the rows from `from` up to `to`, that included, to at most this many buckets of as many rows
/// each. `times` are in their order, and as many as `values`.
pub fn reduce(times: &[i64], values: &[f64], from: i64, to: i64, buckets: usize) -> Vec<Bucket> {
    let first = times.partition_point(|time| *time < from);
    let end = times.partition_point(|time| *time <= to).max(first);
    let (times, values) = (&times[first..end], &values[first..end]);
    let rows = times.len().div_ceil(buckets.max(1)).max(1);
    let chunks = times.chunks(rows).zip(values.chunks(rows));
    let bucket = |(times, values): (&[i64], &[f64])| {
        let mut rows = times.iter().zip(values);
        let one = |(time, value): (&i64, &f64)| Bucket::of(*time, *value);
        let mut bucket = rows.next().map(one)?;
        rows.for_each(|row| bucket.join(&one(row)));
        Some(bucket)
    };
    chunks.filter_map(bucket).collect()
}

/// A reduction of rows that come one after the other, nobody knows how many. It keeps as much as it is
/// made for, and at least half of that once there have been as many rows.
#[derive(Clone, Debug)]
pub struct Reduction {
    buckets: Vec<Bucket>,
    /// The most buckets that it keeps, an even number.
    most: usize,
    /// Rows in each bucket but the last.
    rows: u64,
    /// Rows in the last bucket.
    in_last: u64,
}

impl Reduction {
    /// One that keeps at most this many buckets, and two at least.
    pub fn new(buckets: usize) -> Self {
        Self {
            buckets: Vec::new(),
            most: buckets.max(2) & !1,
            rows: 1,
            in_last: 1,
        }
    }

    /// Takes in the next row.
    pub fn push(&mut self, time: i64, value: f64) {
        let bucket = Bucket::of(time, value);
        if self.in_last < self.rows
            && let Some(last) = self.buckets.last_mut()
        {
            last.join(&bucket);
            self.in_last += 1;
            return;
        }
        if self.buckets.len() == self.most {
            self.halve();
        }
        self.buckets.push(bucket);
        self.in_last = 1;
    }

    /// Joins each two buckets that follow each other, all of which are full.
    fn halve(&mut self) {
        let halves = self.buckets.len() / 2;
        for place in 0..halves {
            let mut joined = self.buckets[2 * place];
            joined.join(&self.buckets[2 * place + 1]);
            self.buckets[place] = joined;
        }
        self.buckets.truncate(halves);
        self.rows *= 2;
    }

    /// The buckets, in the order of time.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// The smallest and the largest value; `None` where there is none.
    pub fn range(&self) -> Option<(f64, f64)> {
        let low = self.buckets.iter().map(|b| b.low).reduce(f64::min)?;
        let high = self.buckets.iter().map(|b| b.high).reduce(f64::max)?;
        (!low.is_nan()).then_some((low, high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bucket_keeps_its_peaks_and_when_they_were() {
        let values = [3.0, f64::NAN, 9.0, -1.0, f64::INFINITY, 9.0];
        let reduced = reduce(&[0, 10, 20, 30, 40, 50], &values, 0, 50, 1);
        let bucket = Bucket {
            start: 0,
            low: -1.0,
            low_at: 30,
            high: 9.0,
            high_at: 20,
        };
        assert_eq!(reduced, [bucket]);
        let points: Vec<_> = bucket.points().collect();
        assert_eq!(points, [(20, 9.0), (30, -1.0)]);
    }

    #[test]
    fn only_rows_between_both_ends_count() {
        let (times, values) = ([0, 10, 20, 30], [5.0, 1.0, 2.0, 7.0]);
        let reduced = reduce(&times, &values, 5, 20, 100);
        let seen: Vec<f64> = reduced.iter().map(|bucket| bucket.low).collect();
        assert_eq!(seen, [1.0, 2.0], "one bucket a row where there is room");
        assert_eq!(reduce(&times, &values, 11, 12, 4), []);
        assert_eq!(reduce(&times, &values, 30, 0, 4), []);
        assert_eq!(reduce(&[], &[], 0, 9, 0), []);
    }

    #[test]
    fn what_is_no_number_is_a_gap() {
        let mut reduction = Reduction::new(4);
        reduction.push(0, f64::NAN);
        assert_eq!(reduction.range(), None);
        assert_eq!(reduction.buckets()[0].points().count(), 0);
        reduction.push(1, 4.0);
        assert_eq!(reduction.range(), Some((4.0, 4.0)));
        assert_eq!(reduction.buckets()[1].points().count(), 1);
    }

    proptest! {
        #[test]
        fn a_reduction_loses_no_peak_and_stays_small(
            values in prop::collection::vec(-1e9..1e9_f64, 1..500),
            buckets in 2..32_usize,
        ) {
            let mut reduction = Reduction::new(buckets);
            let times: Vec<i64> = (0..).take(values.len()).collect();
            for (time, value) in times.iter().zip(&values) {
                reduction.push(*time, *value);
            }
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            prop_assert_eq!(reduction.range(), Some((low, high)));
            let kept = reduction.buckets();
            prop_assert!(kept.len() <= buckets && kept.len() >= values.len().min(buckets / 2));
            let rows = usize::try_from(reduction.rows).expect("few");
            let chunks = times.chunks(rows).zip(values.chunks(rows));
            let at_once: Vec<Bucket> = chunks
                .flat_map(|(times, values)| reduce(times, values, 0, i64::MAX, 1))
                .collect();
            prop_assert_eq!(kept, at_once, "it is the reduction of all rows at once");
        }
    }
}
