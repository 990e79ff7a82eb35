//! How much models may say: what a node passes on as theirs has no other end.

use std::time::{Duration, Instant};

/// The most notices that are printed in a second.
const AT_A_TIME: u32 = 100;

/// The most notices that are printed in a run.
const IN_ALL: u64 = 1000;

/// The most characters of one.
const MAX_LENGTH: usize = 500;

/// Counts notices.
#[derive(Debug, Default)]
pub(super) struct Notices {
    second: Option<Instant>,
    in_second: u32,
    printed: u64,
    left_out: u64,
}

impl Notices {
    /// Whether one more is printed. If not, it is counted.
    pub(super) fn admit(&mut self, now: Instant) -> bool {
        let is_over = |since: Instant| now.duration_since(since) >= Duration::from_secs(1);
        if self.second.is_none_or(is_over) {
            (self.second, self.in_second) = (Some(now), 0);
        }
        let is_admitted = self.in_second < AT_A_TIME && self.printed < IN_ALL;
        if is_admitted {
            self.in_second += 1;
            self.printed += 1;
        } else {
            self.left_out += 1;
        }
        is_admitted
    }

    /// How many were not printed.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// A text, cut where it is too long for a line.
pub(super) fn clipped(text: &str) -> String {
    match text.char_indices().nth(MAX_LENGTH) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_by_the_second_and_in_all_and_the_rest_is_counted() {
        let (mut notices, start) = (Notices::default(), Instant::now());
        let mut admitted = 0;
        for second in 0..20 {
            let now = start + Duration::from_secs(second);
            admitted += (0..200).filter(|_| notices.admit(now)).count();
            if second == 0 {
                assert_eq!(admitted, 100);
            }
        }
        assert_eq!((admitted, notices.left_out()), (1000, 3000));
    }

    #[test]
    fn a_text_is_cut_between_letters() {
        assert_eq!(clipped("short"), "short");
        let long = "é".repeat(501);
        assert_eq!(
            clipped(&long),
            format!("{}… (1002 bytes in all)", "é".repeat(500))
        );
    }
}
