//! What is asked of a run while it goes on.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use shared::journal::Adjustment;
use shared::plan::ModelId;
use shared::time::Tick;
use smol::future::poll_fn;
use smol::stream::{Stream, StreamExt};

use super::error::RunError;
use super::pace::Pace;

/// Something that is asked of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Control {
    /// Nothing at or after this tick is done until another one says so: of a run that has not begun, on
    /// no site; of one that has, some may be further.
    Release(Tick),
    /// The run ends. The rows so far are kept.
    Stop,
    /// Once the tick is done that it is at, the run stands still. This and what follows is for runs with
    /// a pace; one without takes no notice.
    Pause,
    /// It goes on at its pace, without making up for anything.
    Resume,
    /// One tick more, and a pause.
    Step,
    /// A higher pace, by a step of the series 1, 2, 5, 10 and so on, in ticks a second.
    Faster,
    /// A lower pace, likewise.
    Slower,
    /// This pace.
    Pace(Pace),
    /// A value of a model is changed from its next step on. For runs in which that was [asked for](super::Options::steerable).
    Adjust(ModelId, Adjustment),
}

/// The most that may be asked of the pace of a run before it begins. Nobody presses as many keys.
const MAX_EARLY: usize = 100;

/// Where it comes from.
pub(super) struct Controls<'a> {
    stream: Option<Pin<Box<dyn Stream<Item = Control> + 'a>>>,
    /// A release that came before there was anything to release.
    early: Option<Tick>,
    /// What was asked of the pace by then.
    early_pace: VecDeque<Control>,
}

impl<'a> Controls<'a> {
    /// Nothing is ever asked.
    pub(super) fn none() -> Self {
        Self {
            stream: None,
            early: None,
            early_pace: VecDeque::new(),
        }
    }

    pub(super) fn of(stream: impl Stream<Item = Control> + 'a) -> Self {
        Self {
            stream: Some(Box::pin(stream)),
            early: None,
            early_pace: VecDeque::new(),
        }
    }

    /// What is asked next. Where nobody is left who could ask, that never is ready.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Control> {
        if let Some(tick) = self.early.take() {
            return Poll::Ready(Control::Release(tick));
        }
        if let Some(control) = self.early_pace.pop_front() {
            return Poll::Ready(control);
        }
        let Some(stream) = &mut self.stream else {
            return Poll::Pending;
        };
        match stream.poll_next(cx) {
            Poll::Ready(Some(control)) => Poll::Ready(control),
            Poll::Ready(None) => {
                self.stream = None;
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// Does what comes before the run, unless that is to end before.
    pub(super) async fn unless_stopped<T>(
        &mut self,
        work: impl Future<Output = Result<T, RunError>>,
    ) -> Result<T, RunError> {
        let (mut early, mut early_pace) = (None, VecDeque::new());
        let stopped = async {
            loop {
                match poll_fn(|cx| self.poll(cx)).await {
                    Control::Release(tick) => early = Some(tick),
                    Control::Stop => return Err(RunError::Interrupted),
                    other if early_pace.len() < MAX_EARLY => early_pace.push_back(other),
                    _ => {}
                }
            }
        };
        let done = smol::future::or(stopped, work).await;
        self.early = self.early.take().or(early);
        self.early_pace.append(&mut early_pace);
        done
    }
}
