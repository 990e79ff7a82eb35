//! The keys of a terminal, with which the user of a run with a pace holds it, makes single steps and
//! changes the pace. On Windows there are none.

#[cfg(unix)]
mod modes;
#[cfg(unix)]
mod thread;

use std::pin::Pin;
use std::task::{Context, Poll};

use smol::channel::Receiver;
use smol::stream::Stream;

use crate::run::Control;

/// Keys that wait for the run to take them. More are dropped.
#[cfg(unix)]
const MAX_WAITING: usize = 64;

/// What is pressed, as long as this is there.
#[derive(Debug)]
pub(crate) struct Keys {
    pressed: Pin<Box<Receiver<u8>>>,
    meaning: Meaning,
}

impl Keys {
    /// Listens to the terminal at standard input; `None` where there is none. Its modes are as before
    /// when this is dropped.
    #[cfg(unix)]
    pub(crate) fn listen() -> Option<Self> {
        use std::io::IsTerminal;

        if !std::io::stdin().is_terminal() {
            return None;
        }
        let (sender, pressed) = smol::channel::bounded(MAX_WAITING);
        // Where there is no thread to be had, there are no keys.
        thread::start(sender).ok()?;
        Some(Self {
            pressed: Box::pin(pressed),
            meaning: Meaning::default(),
        })
    }

    /// Nobody listens here.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Option<Self> {
        None
    }
}

#[cfg(unix)]
impl Drop for Keys {
    fn drop(&mut self) {
        self.pressed.close();
        modes::give_back(true);
    }
}

impl Stream for Keys {
    type Item = Control;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Control>> {
        loop {
            match self.pressed.as_mut().poll_next(cx) {
                Poll::Ready(Some(key)) => {
                    if let Some(control) = self.meaning.of(key) {
                        return Poll::Ready(Some(control));
                    }
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

/// What keys mean, which depends on those before.
#[derive(Debug, Default)]
struct Meaning {
    is_paused: bool,
}

impl Meaning {
    fn of(&mut self, key: u8) -> Option<Control> {
        let control = match key {
            b' ' if self.is_paused => Control::Resume,
            b' ' => Control::Pause,
            b'\n' | b'\r' => Control::Step,
            // On the same key without shift, in many layouts.
            b'+' | b'=' => Control::Faster,
            b'-' | b'_' => Control::Slower,
            b'q' | b'Q' => Control::Stop,
            _ => return None,
        };
        match control {
            Control::Pause | Control::Step => self.is_paused = true,
            Control::Resume => self.is_paused = false,
            _ => {}
        }
        Some(control)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_pauses_and_goes_on_and_enter_pauses_as_well() {
        let mut meaning = Meaning::default();
        let mut means = |keys: &str| -> Vec<Control> {
            keys.bytes().filter_map(|key| meaning.of(key)).collect()
        };
        assert_eq!(means("  "), [Control::Pause, Control::Resume]);
        assert_eq!(
            means("\n\r "),
            [Control::Step, Control::Step, Control::Resume]
        );
        assert_eq!(
            means("+=-_x\x1b[q"),
            [
                Control::Faster,
                Control::Faster,
                Control::Slower,
                Control::Slower,
                Control::Stop
            ]
        );
    }
}
