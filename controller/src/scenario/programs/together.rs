//! The machines that run programs start them at the same time.

use std::panic::resume_unwind;
use std::sync::mpsc;
use std::thread;

use foreign::{Fault, SimulatorDescription, SimulatorRequest};

use super::hosting::Hosting;
use crate::scenario::entries::Connect;

/// What a place comes to: each of its simulators, or why no program can be started there.
pub(super) type Started = Result<Vec<Result<SimulatorDescription, Fault>>, String>;

/// Starts programs at places that are all different, at the same time. The result has one entry for each place, in
/// their order, whoever is first.
pub(super) fn start_together(
    places: &[Option<Connect>],
    requests: Vec<Vec<SimulatorRequest>>,
    hosting: &mut Hosting<'_>,
) -> Vec<Started> {
    let places: Vec<Option<&Connect>> = places.iter().map(Option::as_ref).collect();
    let hosts = hosting.hosts.hosts_at(&places);
    let (sender, words) = mpsc::channel::<String>();
    thread::scope(|scope| {
        let work = hosts.into_iter().zip(requests).map(|(host, requests)| {
            let (host, sender) = (host?, sender.clone());
            let mut tell = move |text: &str| {
                // It is heard until all have ended.
                let _ = sender.send(text.to_owned());
            };
            Ok(scope.spawn(move || host.start(requests, &mut tell)))
        });
        let work: Vec<Result<_, String>> = work.collect();
        drop(sender);
        // Whoever wants to hear of it is this thread's.
        for text in words {
            (hosting.tell)(&text);
        }
        let ended = work.into_iter().map(|work| {
            let started = work?.join();
            Ok(started.unwrap_or_else(|panic| resume_unwind(panic)))
        });
        ended.collect()
    })
}
