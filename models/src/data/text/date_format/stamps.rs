//! The time stamps of rows that follow each other, as text: comparing is faster than reading.

use shared::time::WallTime;

use super::layout::Layout;
use super::token::Field;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// How far second, minute and hour go.
const HANDS: [u32; 3] = [60, 60, 24];

/// A time stamp as rows have it, and the one after it.
pub(in crate::data) struct Stamps {
    layout: Layout,
    /// Seconds from one to the next.
    step: i64,
    time: WallTime,
    /// Its second, minute and hour, and how far each of them goes from one to the next.
    clock: [u32; 3],
    turn: [u32; 3],
    /// Which of these change from one to the next of the same day, and where each of them is in the text.
    places: Vec<(usize, usize)>,
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
        let turn = hands(u32::try_from(step % DAY).unwrap_or(0));
        let moves = |hand: usize| turn[..=hand].iter().any(|&turn| turn > 0);
        let numbers = layout.numbers.iter().filter_map(|&(field, start, _)| {
            let hand = hand(field).filter(|&hand| moves(hand))?;
            Some((hand, start))
        });
        let mut stamps = Self {
            layout: layout.clone(),
            step,
            time: start,
            clock: [0; 3],
            turn,
            places: numbers.collect(),
            text,
        };
        stamps.go_to(start);
        Some(stamps)
    }

    /// Seconds from one to the next.
    pub(in crate::data) fn step(&self) -> i64 {
        self.step
    }

    /// The text at hand.
    #[inline]
    pub(in crate::data) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Goes to a time.
    #[cold]
    pub(in crate::data) fn go_to(&mut self, time: WallTime) {
        self.time = time;
        let second = time.seconds().rem_euclid(DAY);
        self.clock = hands(u32::try_from(second).unwrap_or(0));
        let civil = time.civil();
        for &(field, start, end) in &self.layout.numbers {
            let mut number = match field {
                Field::Year => u32::try_from(civil.year).unwrap_or(0),
                Field::Month => civil.month.into(),
                Field::Day => civil.day.into(),
                field => hand(field).map_or(0, |hand| self.clock[hand]),
            };
            for place in self.text[start..end].iter_mut().rev() {
                *place = digit(number % 10);
                number /= 10;
            }
        }
    }

    /// Goes to the next one.
    #[inline]
    pub(in crate::data) fn advance(&mut self) {
        let time = self.time.plus(self.step);
        let mut over = 0;
        for ((hand, turn), end) in self.clock.iter_mut().zip(self.turn).zip(HANDS) {
            *hand += turn + over;
            over = u32::from(*hand >= end);
            *hand -= end * over;
        }
        if over > 0 || self.step >= DAY {
            self.go_to(time);
            return;
        }
        self.time = time;
        for &(hand, start) in &self.places {
            let number = self.clock[hand];
            if let Some([tens, ones]) = self.text.get_mut(start..start + 2) {
                (*tens, *ones) = (digit(number / 10), digit(number % 10));
            }
        }
    }
}

/// Second, minute and hour of a second of the day.
fn hands(second: u32) -> [u32; 3] {
    [second % 60, second / 60 % 60, second / 3600]
}

/// The place of a field among second, minute and hour.
fn hand(field: Field) -> Option<usize> {
    match field {
        Field::Second => Some(0),
        Field::Minute => Some(1),
        Field::Hour => Some(2),
        _ => None,
    }
}

/// The digit of a number below ten.
#[inline]
fn digit(number: u32) -> u8 {
    b'0' + u8::try_from(number).unwrap_or(0)
}
