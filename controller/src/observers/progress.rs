//! How far a run is, in a line.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use shared::time::{Tick, TimeGrid};
use terminal::printer::Stream;

use crate::output::duration;
use crate::run::Paced;

/// The length of the bar, where the terminal is wide enough for one.
const BAR: usize = 30;

/// How far back a line looks to see how fast a run is.
const MEMORY: Duration = Duration::from_secs(10);

/// How many times one takes note of where it is, as far as one looks back.
const SAMPLES: u32 = 20;

/// How often a line says how far something is, where no terminal has a bar that moves.
pub(crate) const REPORT_INTERVAL: Duration = Duration::from_secs(10);

/// To the start of the line, which is emptied.
pub(crate) const CLEAR: &str = "\r\x1b[K";

/// How the user is told how far something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Nothing,
    /// A line that changes.
    Bar,
    /// A line from time to time.
    Lines,
}

impl Shown {
    /// A terminal shows a bar; elsewhere lines say how far it is, unless a program reads the summary.
    pub(crate) fn new(quiet: bool, for_program: bool) -> Self {
        match (quiet, terminal::is_terminal(Stream::Error)) {
            (true, _) => Self::Nothing,
            (false, true) => Self::Bar,
            (false, false) if for_program => Self::Nothing,
            (false, false) => Self::Lines,
        }
    }
}

/// How fast a run has been of late.
#[derive(Debug)]
pub(crate) struct Speed {
    /// How far back one looks.
    memory: Duration,
    samples: VecDeque<(Instant, Tick)>,
}

impl Default for Speed {
    fn default() -> Self {
        Self::over(MEMORY)
    }
}

impl Speed {
    /// As it has been over this time.
    pub(crate) fn over(memory: Duration) -> Self {
        Self {
            memory,
            samples: VecDeque::new(),
        }
    }

    /// How often one takes note of where the run is.
    fn interval(&self) -> Duration {
        self.memory / SAMPLES
    }

    /// Takes note of where the run is.
    pub(crate) fn note(&mut self, now: Instant, tick: Tick) {
        let last = self.samples.back();
        if last.is_some_and(|(time, _)| now.duration_since(*time) < self.interval()) {
            return;
        }
        self.samples.push_back((now, tick));
        while self.samples.len() > 2 && now.duration_since(self.samples[0].0) > self.memory {
            self.samples.pop_front();
        }
    }

    /// Ticks in a second, once that is known.
    pub(crate) fn rate(&self, now: Instant, tick: Tick) -> Option<f64> {
        let (since, from) = self.samples.front()?;
        let seconds = now.duration_since(*since).as_secs_f64();
        let ticks = tick.saturating_sub(*from);
        (seconds >= self.interval().as_secs_f64() && ticks > 0).then(|| ticks as f64 / seconds)
    }

    /// What there is to say of a run that is at this tick, the most important first.
    pub(super) fn describe(
        &self,
        grid: TimeGrid,
        now: Instant,
        tick: Tick,
        waiting: Option<(&str, Duration)>,
        pace: Option<Paced>,
    ) -> Vec<String> {
        let is_paused = pace.is_some_and(|pace| pace.is_paused);
        let paused = if is_paused { "paused at " } else { "" };
        let mut said = vec![
            format!("{:>3} %", percent(grid, tick)),
            format!("{paused}{}", grid.at(tick)),
        ];
        if let Some((what, time)) = waiting {
            said.push(waiting_words(what, time));
        }
        let mut rate = self.rate(now, tick);
        match pace {
            Some(pace) if pace.rate.is_infinite() => {}
            Some(pace) if pace.is_behind => said.push(format!("behind its pace of {pace}")),
            Some(pace) => {
                said.push(pace.to_string());
                rate = Some(pace.rate);
            }
            None => {}
        }
        if is_paused {
            return said;
        }
        if let Some(rate) = rate {
            if pace.is_none_or(|pace| pace.is_behind || pace.rate.is_infinite()) {
                let digits = usize::from(rate < 10.0);
                said.push(format!("{rate:.digits$} ticks/s"));
            }
            let left = grid.ticks.saturating_sub(tick) as f64 / rate;
            if let Ok(left) = Duration::try_from_secs_f64(left.ceil()) {
                said.push(format!("{} left", duration(left)));
            }
        }
        said
    }
}

/// How long a run has stood still, and why.
pub(super) fn waiting_words(what: &str, time: Duration) -> String {
    format!("waiting for {}: {what}", duration(time))
}

fn percent(grid: TimeGrid, tick: Tick) -> u64 {
    let hundredths = u128::from(tick) * 100 / u128::from(grid.ticks.max(1));
    u64::try_from(hundredths).unwrap_or(100).min(100)
}

/// One line of at most this many columns: as much of what there is to say as has room, and a bar in
/// front of it if there is room for that as well.
pub(super) fn line(said: &[String], grid: TimeGrid, tick: Tick, columns: usize) -> String {
    let mut line = String::new();
    for part in said {
        let gap = if line.is_empty() { 0 } else { 2 };
        if line.chars().count() + gap + part.chars().count() > columns {
            break;
        }
        line.extend([&"  "[..gap], part]);
    }
    if line.chars().count() + BAR < columns {
        let done = usize::try_from(percent(grid, tick)).unwrap_or(100) * BAR / 100;
        line = format!("{}{} {line}", "█".repeat(done), "░".repeat(BAR - done));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::time::WallTime;

    fn grid() -> TimeGrid {
        TimeGrid {
            start: WallTime::parse("2026-01-01 00:00:00").expect("valid"),
            resolution: 900,
            ticks: 1000,
        }
    }

    #[test]
    fn a_line_says_how_far_and_how_fast_a_run_is_and_what_it_waits_for() {
        let (mut speed, start) = (Speed::default(), Instant::now());
        speed.note(start, 0);
        let now = start + Duration::from_secs(2);
        let waiting = Some(("pi1:5123 still builds its models", Duration::from_secs(9)));
        assert_eq!(
            speed.describe(grid(), now, 420, waiting, None),
            [
                " 42 %",
                "2026-01-05 09:00:00",
                "waiting for 9 s: pi1:5123 still builds its models",
                "210 ticks/s",
                "3 s left"
            ]
        );
        assert_eq!(speed.describe(grid(), start, 0, None, None).len(), 2);
    }

    #[test]
    fn a_line_says_at_which_pace_a_run_is_and_whether_it_keeps_it() {
        let (mut speed, start) = (Speed::default(), Instant::now());
        speed.note(start, 0);
        let now = start + Duration::from_secs(10);
        let said = |is_paused, is_behind| {
            let pace = Paced {
                rate: 2.0,
                is_paused,
                is_behind,
            };
            speed.describe(grid(), now, 10, None, Some(pace)).join(", ")
        };
        assert_eq!(
            said(false, false),
            "  1 %, 2026-01-01 02:30:00, 2 ticks/s, 8 min left"
        );
        assert_eq!(
            said(false, true),
            "  1 %, 2026-01-01 02:30:00, behind its pace of 2 ticks/s, 1.0 ticks/s, 16 min left"
        );
        assert_eq!(
            said(true, false),
            "  1 %, paused at 2026-01-01 02:30:00, 2 ticks/s"
        );
    }

    #[test]
    fn a_line_is_never_wider_than_the_terminal() {
        let said = ["  5 %", "2026-01-05 09:00:00", "210 ticks/s"].map(str::to_owned);
        for columns in 5..100 {
            let line = line(&said, grid(), 50, columns);
            assert!(line.chars().count() <= columns, "{columns}: {line}");
        }
        assert_eq!(line(&said, grid(), 50, 30), "  5 %  2026-01-05 09:00:00");
        assert!(line(&said, grid(), 500, 79).starts_with("███████████████░░░"));
    }
}
