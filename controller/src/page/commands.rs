//! What viewers want done.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Restart;
use crate::adjusting::Adjustables;
use crate::replay;
use crate::run::{Control, Pace};

/// A command, as the page sends it.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Command {
    Pause,
    Resume,
    Step,
    Faster,
    Slower,
    Stop,
    /// So many ticks a second; as fast as it goes without a number.
    Pace {
        rate: Option<f64>,
    },
    /// The run begins anew, with these values.
    Restart {
        #[serde(default)]
        parameters: BTreeMap<String, f64>,
        #[serde(default, rename = "loop")]
        again: Option<bool>,
    },
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Wish {
    /// Of the run that goes on.
    Control(Control),
    /// Another run.
    Restart(Restart),
}

impl Command {
    /// What it asks for, in a scenario of which so much can be changed.
    ///
    /// # Errors
    /// Why that cannot be.
    pub(super) fn wish(self, adjustables: &Adjustables) -> Result<Wish, String> {
        let control = match self {
            Self::Pause => Control::Pause,
            Self::Resume => Control::Resume,
            Self::Step => Control::Step,
            Self::Faster => Control::Faster,
            Self::Slower => Control::Slower,
            Self::Stop => Control::Stop,
            Self::Pace { rate: None } => Control::Pace(Pace::UNLIMITED),
            Self::Pace { rate: Some(rate) } => {
                Control::Pace(Pace::ticks(rate).map_err(|invalid| invalid.to_string())?)
            }
            Self::Restart { parameters, again } => {
                replay::values(&parameters, adjustables)?;
                return Ok(Wish::Restart(Restart { parameters, again }));
            }
        };
        Ok(Wish::Control(control))
    }
}
