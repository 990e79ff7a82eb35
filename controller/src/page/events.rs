//! What a viewer hears: Server-Sent Events, made when there is room for them. A viewer that takes nothing makes
//! nobody wait, and finds the present when it takes something again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use smol::Timer;
use smol::stream::{self, Stream, StreamExt};

use super::hub::{Hub, Present};

/// How often there may be something new.
const INTERVAL: Duration = Duration::from_millis(50);

/// After so long without anything a viewer hears that the controller is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// How far a viewer is.
#[derive(Debug, Default)]
struct Heard {
    run: Option<(u64, u64)>,
    state: u64,
    values: u64,
    sites: u64,
    lights: u64,
    notices: usize,
    adjusted: usize,
    has_end: bool,
}

/// What a viewer hears, until the controller ends.
pub(super) fn events(hub: Arc<Hub>, viewer: String) -> impl Stream<Item = String> {
    let first = stream::once("retry: 1000\n\n".to_owned());
    let heard = Some(Heard::default());
    let news = stream::unfold((hub, viewer, heard), async |(hub, viewer, heard)| {
        let mut heard = heard?;
        let since = Instant::now();
        loop {
            let (text, is_over) = {
                let mut present = hub.present();
                present.see(&viewer);
                heard.news(&present)
            };
            if !text.is_empty() {
                return Some((text, (hub, viewer, (!is_over).then_some(heard))));
            }
            if since.elapsed() >= SIGN_OF_LIFE {
                let mut text = String::new();
                event(&mut text, "alive", &json!({}));
                return Some((text, (hub, viewer, Some(heard))));
            }
            Timer::after(INTERVAL).await;
        }
    });
    first.chain(news)
}

impl Heard {
    /// What is new for this viewer, and whether that is the last of it.
    fn news(&mut self, present: &Present) -> (String, bool) {
        let mut text = String::new();
        let run = Some((present.run, present.placed));
        if self.run != run {
            if self.run.map(|run| run.0) != Some(present.run) {
                (self.notices, self.adjusted, self.has_end) = (0, 0, false);
            }
            self.run = run;
            event(&mut text, "run", &json!({"id": present.run}));
        }
        for (told, heard, name) in [
            (&present.state, &mut self.state, "state"),
            (&present.values, &mut self.values, "values"),
            (&present.sites.news, &mut self.sites, "sites"),
            (&present.lights, &mut self.lights, "lights"),
        ] {
            if std::mem::replace(heard, told.changes) != told.changes && !told.what.is_null() {
                event(&mut text, name, &told.what);
            }
        }
        for (lines, heard, name) in [
            (&present.notices, &mut self.notices, "notice"),
            (&present.adjusted, &mut self.adjusted, "adjusted"),
        ] {
            for line in lines.iter().skip(*heard) {
                event(&mut text, name, line);
            }
            *heard = lines.len();
        }
        if let Some(end) = present.end.as_ref().filter(|_| !self.has_end) {
            self.has_end = true;
            event(&mut text, "ended", end);
        }
        if present.is_closing {
            event(&mut text, "bye", &json!({}));
        }
        (text, present.is_closing)
    }
}

/// JSON is one line: it has no ends of lines but escaped ones.
fn event(text: &mut String, name: &str, what: &Json) {
    text.push_str("event: ");
    text.push_str(name);
    text.push_str("\ndata: ");
    text.push_str(&what.to_string());
    text.push_str("\n\n");
}
