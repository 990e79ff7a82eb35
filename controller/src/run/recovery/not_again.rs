//! Why a run cannot be computed again.

use foreign::remote::UNUSABLE;
use scratch::Lost;
use shared::index::Table;
use shared::plan::ModelId;
use shared::progress::Failure;

use super::seen::{Difference, Unlike};

/// Why what a run has come to cannot be had again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NotAgain {
    /// A model fails, or cannot be asked, where it did not before.
    Failed(Failure),
    /// A row is not what it was.
    Differs(Difference),
    /// What came before is not kept any more.
    Lost(Lost),
    /// Models cannot be built or saved.
    Other,
}

impl From<Unlike> for NotAgain {
    fn from(unlike: Unlike) -> Self {
        match unlike {
            Unlike::Differs(difference) => Self::Differs(difference),
            Unlike::Lost(lost) => Self::Lost(lost),
        }
    }
}

impl NotAgain {
    /// Whether it is a bridge that has gone meanwhile.
    pub(crate) fn is_loss(&self) -> bool {
        matches!(self, Self::Failed(failure) if failure.code == UNUSABLE)
    }

    /// What is said of it. `anew` are the models whose programs were started anew.
    pub(crate) fn words(&self, anew: &[&str], names: &Table<ModelId, String>) -> String {
        match self {
            Self::Failed(Failure {
                model,
                tick,
                message,
                ..
            }) => {
                let name = names.get(*model).map_or("?", String::as_str);
                format!("'{name}' cannot make its step at tick {tick} again: {message}")
            }
            Self::Differs(Difference { tick, model }) => {
                let programs = model.clone().unwrap_or_else(|| anew.join(", "));
                format!(
                    "the program of {programs} was started anew and asked again from the first tick on, and what it \
                     answers at tick {tick} is not what it answered before"
                )
            }
            Self::Lost(lost) => not_kept(lost),
            Self::Other => {
                "what is computed again is not what it was; please report this scenario".to_owned()
            }
        }
    }
}

/// What is said of a run whose past is not kept any more.
pub(super) fn not_kept(lost: &Lost) -> String {
    format!("what it needs for that is not kept any more: {lost}")
}
