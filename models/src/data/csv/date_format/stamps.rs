//! The time stamps of rows that follow each other, as text: comparing is faster than reading.

use shared::time::WallTime;

use super::layout::Layout;
use super::token::Field;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A time stamp as rows have it, and the one after it.
pub(in crate::data::csv) struct Stamps {
    layout: Layout,
    /// Seconds from one to the next.
    step: i64,
    time: WallTime,
    /// The midnight before it.
    midnight: WallTime,
    text: Vec<u8>,
}

impl Stamps {
    /// Time stamps of a layout, `step` seconds apart, from a time on up to another. `None` where some
    /// of them would have the text of another time, or no text.
    pub(super) fn new(
        layout: &Layout,
        (start, end): (WallTime, WallTime),
        step: i64,
    ) -> Option<Self> {
        let has = |field| layout.numbers.iter().any(|(known, _, _)| *known == field);
        let whole = start.seconds() % 60 == 0 && step % 60 == 0;
        let parts = [
            Field::Year,
            Field::Month,
            Field::Day,
            Field::Hour,
            Field::Minute,
        ];
        let is_clear = parts.into_iter().all(has) && (whole || has(Field::Second));
        // The calendar may end before.
        let has_end = WallTime::parse(&end.to_string()) == Some(end);
        if !is_clear || has(Field::HourOfTwelve) || step <= 0 || !has_end {
            return None;
        }
        let mut text = vec![b'0'; layout.length];
        for &(at, mark) in &layout.marks {
            text[at] = mark;
        }
        let mut stamps = Self {
            layout: layout.clone(),
            step,
            time: start,
            midnight: start,
            text,
        };
        stamps.write_all();
        Some(stamps)
    }

    /// Seconds from one to the next.
    pub(in crate::data::csv) fn step(&self) -> i64 {
        self.step
    }

    /// The text at hand.
    #[inline]
    pub(in crate::data::csv) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Goes to a time.
    pub(in crate::data::csv) fn go_to(&mut self, time: WallTime) {
        self.time = time;
        self.write();
    }

    /// Goes to the next one.
    #[inline]
    pub(in crate::data::csv) fn advance(&mut self) {
        self.go_to(self.time.plus(self.step));
    }

    #[inline]
    fn write(&mut self) {
        let second = self.time.seconds() - self.midnight.seconds();
        if !(0..DAY).contains(&second) {
            self.write_all();
            return;
        }
        let second = u32::try_from(second).unwrap_or(0);
        for &(field, start, _) in &self.layout.numbers {
            let number = match field {
                Field::Hour => second / 3600,
                Field::Minute => second / 60 % 60,
                Field::Second => second % 60,
                _ => continue,
            };
            if let Some([tens, ones]) = self.text.get_mut(start..start + 2) {
                (*tens, *ones) = (digit(number / 10), digit(number % 10));
            }
        }
    }

    /// Writes the date as well.
    #[cold]
    fn write_all(&mut self) {
        let seconds = self.time.seconds();
        self.midnight = self.time.plus(-seconds.rem_euclid(DAY));
        let civil = self.time.civil();
        for &(field, start, end) in &self.layout.numbers {
            let mut number = match field {
                Field::Year => u32::try_from(civil.year).unwrap_or(0),
                Field::Month => civil.month.into(),
                Field::Day => civil.day.into(),
                _ => continue,
            };
            for place in self.text[start..end].iter_mut().rev() {
                *place = digit(number % 10);
                number /= 10;
            }
        }
        self.write();
    }
}

/// The digit of a number below ten.
#[inline]
fn digit(number: u32) -> u8 {
    b'0' + u8::try_from(number).unwrap_or(0)
}
