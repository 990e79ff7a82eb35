//! The modes of the terminal: keys come one by one and are not shown, while the program is in the
//! foreground.

use std::io;
use std::sync::{Mutex, PoisonError, TryLockError};

use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr,
};

/// What has become of the modes. They belong to the terminal, and so to the process as a whole.
static MODES: Mutex<Modes> = Mutex::new(Modes::Untouched);

#[derive(Debug)]
enum Modes {
    Untouched,
    /// Keys come one by one; before, the modes were these.
    Changed(Box<Termios>),
    /// They are never changed again.
    Over,
}

/// Whether the terminal listens to this process: whoever reads from it in the background is stopped,
/// and so is whoever changes its modes. One that does not control this process has no background.
pub(super) fn is_in_foreground() -> bool {
    tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
}

/// Has keys come one by one, if that is to be and the process is in the foreground. Returns whether they
/// do.
pub(super) fn take_over() -> bool {
    let mut modes = MODES.lock().unwrap_or_else(PoisonError::into_inner);
    if matches!(*modes, Modes::Over) || !is_in_foreground() {
        return false;
    }
    let before = match &*modes {
        // A shell may have set its own while the process stood still.
        Modes::Changed(before) => (**before).clone(),
        _ => match tcgetattr(io::stdin()) {
            Ok(before) => before,
            Err(_) => return false,
        },
    };
    let mut single = before.clone();
    // Signals of keys, such as that of Ctrl-C, and what is printed stay as they are.
    single.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
    single.special_codes[SpecialCodeIndex::VMIN] = 0;
    single.special_codes[SpecialCodeIndex::VTIME] = 0;
    // Without waiting for what is being printed: the terminal may be stopped.
    let is_set = tcsetattr(io::stdin(), OptionalActions::Now, &single).is_ok();
    if is_set {
        *modes = Modes::Changed(Box::new(before));
    }
    is_set
}

/// Sets the modes as they were before. In the background somebody else has set them.
pub(super) fn give_back(is_over: bool) {
    let mut modes = match MODES.try_lock() {
        Ok(modes) => modes,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) if std::thread::panicking() => return,
        Err(TryLockError::WouldBlock) => MODES.lock().unwrap_or_else(PoisonError::into_inner),
    };
    let after = if is_over || matches!(*modes, Modes::Over) {
        Modes::Over
    } else {
        Modes::Untouched
    };
    if let Modes::Changed(before) = std::mem::replace(&mut *modes, after)
        && is_in_foreground()
    {
        // A terminal that is gone needs none.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
}
