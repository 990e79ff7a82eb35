//! What an attribute is in the balance of energy.

#[cfg(feature = "documentation")]
use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Published;
#[cfg(feature = "documentation")]
use super::text::set;

/// What an attribute is in the balance of energy of a scenario, or beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Power or energy that is made.
    Made,
    /// Power or energy that is used.
    Used,
    /// Power or energy that goes into a store; out of it where it is negative.
    Stored,
    /// Power or energy that is sold to the grid; bought where it is negative.
    Exchanged,
    /// Power or energy that finds no use.
    Spilled,
    /// How full a store is.
    Level,
    /// What energy costs.
    Price,
    /// Power or energy that is bought from the grid; sold to it where it is negative.
    Imported,
    /// Electric power or energy that becomes another carrier, which may bring it back.
    Converted,
    /// Electric power or energy that comes back from another carrier.
    Reconverted,
    /// What an account has paid so far.
    Cost,
    /// What an account has earned so far.
    Revenue,
    /// What an account has emitted so far.
    Emissions,
}

/// In one word.
impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Made => "made",
            Self::Used => "used",
            Self::Stored => "stored",
            Self::Exchanged => "exchanged",
            Self::Spilled => "spilled",
            Self::Level => "level",
            Self::Price => "price",
            Self::Imported => "imported",
            Self::Converted => "converted",
            Self::Reconverted => "reconverted",
            Self::Cost => "cost",
            Self::Revenue => "revenue",
            Self::Emissions => "emissions",
        })
    }
}

/// Where somebody asks.
#[cfg(feature = "documentation")]
impl Published {
    /// What it is in the balance of energy.
    #[must_use]
    pub const fn role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// It has its role only where this parameter of the type is true.
    #[must_use]
    pub const fn only_with(mut self, parameter: &'static str) -> Self {
        set(&mut self.role_with, Some(Cow::Borrowed(parameter)));
        self
    }
}

/// Where nobody asks.
#[cfg(not(feature = "documentation"))]
impl Published {
    /// What it is in the balance of energy, which nobody asks here.
    #[must_use]
    pub const fn role(self, _: Role) -> Self {
        self
    }

    /// Where it has its role, which nobody asks here.
    #[must_use]
    pub const fn only_with(self, _: &'static str) -> Self {
        self
    }
}
