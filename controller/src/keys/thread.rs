//! The thread that reads keys. It also does what Ctrl-Z asks for, so that nothing stops the process
//! between its look whether it is in the foreground and its read.

use std::io::{self, Stdin};
use std::panic;
use std::thread;
use std::time::Duration;

use async_signal::{Signal, Signals};
use rustix::process::{getpgrp, getpid, getsid, kill_process};
use smol::channel::{Sender, TrySendError};
use smol::future::or;
use smol::stream::StreamExt;
use smol::{Async, Timer};

use super::modes;
use crate::signals;

/// What the thread needs.
const STACK: usize = 128 * 1024;

/// How often a process in the background sees whether it still is there. To a terminal that has nothing
/// to read, though it said so, one comes back as late.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What happens to the thread.
enum Event {
    Readable,
    Signal(Signal),
    Look,
    /// Nobody wants keys any more.
    Over,
}

/// Starts the thread, which ends soon after the receiver has.
pub(super) fn start(pressed: Sender<u8>) -> io::Result<()> {
    let stdin = Async::new_nonblocking(io::stdin())?;
    let signals = signals::of_job_control()?;
    give_back_in_panic();
    let thread = thread::Builder::new()
        .name("keys".to_owned())
        .stack_size(STACK);
    thread.spawn(move || smol::block_on(listen(&stdin, signals, &pressed)))?;
    Ok(())
}

/// A program that ends in a panic leaves its terminal as it found it.
fn give_back_in_panic() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        modes::give_back(true);
        before(panic);
    }));
}

async fn listen(stdin: &Async<Stdin>, mut signals: Signals, pressed: &Sender<u8>) {
    let mut is_ours = modes::take_over();
    loop {
        match next_event(stdin, &mut signals, pressed, is_ours).await {
            Event::Over => return,
            Event::Signal(Signal::Tstp) if is_stoppable() => {
                is_ours = false;
                modes::give_back(false);
                // It is this process itself, so it may.
                let _ = kill_process(getpid(), rustix::process::Signal::STOP);
            }
            // Once the process goes on: whoever had it do so may have set the modes.
            Event::Signal(Signal::Cont) | Event::Look => is_ours = modes::take_over(),
            Event::Signal(_) => {}
            Event::Readable if !modes::is_in_foreground() => is_ours = false,
            Event::Readable => match read(pressed) {
                Ok(0) | Err(_) => is_ours = false,
                Ok(_) => {}
            },
        }
    }
}

async fn next_event(
    stdin: &Async<Stdin>,
    signals: &mut Signals,
    pressed: &Sender<u8>,
    is_ours: bool,
) -> Event {
    let over = async {
        pressed.closed().await;
        Event::Over
    };
    let signal = async {
        match signals.next().await {
            Some(Ok(signal)) => Event::Signal(signal),
            _ => smol::future::pending().await,
        }
    };
    let look = async {
        if is_ours && stdin.readable().await.is_ok() {
            return Event::Readable;
        }
        Timer::after(LOOK_INTERVAL).await;
        Event::Look
    };
    or(over, or(signal, look)).await
}

/// Whether somebody could have this process go on who has it stop. The first process of a terminal has
/// no shell that would.
fn is_stoppable() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Reads what is there; returns how much that was.
fn read(pressed: &Sender<u8>) -> io::Result<usize> {
    let mut keys = [0; 64];
    let count = rustix::io::read(io::stdin(), &mut keys)?;
    for key in &keys[..count] {
        // Whoever holds a key down wants no more than the run takes.
        if let Err(TrySendError::Closed(_)) = pressed.try_send(*key) {
            break;
        }
    }
    Ok(count)
}
