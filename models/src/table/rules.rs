//! Which units the story knows, and which cables between them.

use shared::cable::CableId;

/// The units, in the order of the states that tell them what to show.
pub(crate) const UNITS: [&str; 6] = [
    "Load_EWI_LED",
    "Grid_Ext_LED",
    "Load_house_LED",
    "PV_LED",
    "Battery_LED",
    "Wind_LED",
];

/// A cable that means something: between two of the units, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cable {
    /// What is at its ends; the first of them hears of it first.
    pub(crate) ends: [usize; 2],
    /// Where the flow runs to by day.
    pub(crate) by_day: usize,
    /// Where it runs to by night.
    pub(crate) by_night: usize,
}

const fn cable(ends: [usize; 2], towards: usize) -> Cable {
    Cable {
        ends,
        by_day: towards,
        by_night: towards,
    }
}

const EWI: usize = 0;
const GRID: usize = 1;
const HOUSE: usize = 2;
const SUN: usize = 3;
const BATTERY: usize = 4;
const WIND: usize = 5;

/// The cables, in the order in which units hear of them: grid, wind, house, sun, battery.
pub(crate) const CABLES: [Cable; 5] = [
    cable([EWI, GRID], EWI),
    cable([GRID, WIND], GRID),
    cable([HOUSE, GRID], HOUSE),
    cable([SUN, EWI], EWI),
    Cable {
        ends: [BATTERY, EWI],
        by_day: BATTERY,
        by_night: EWI,
    },
];

/// The plug that makes winter. It is no end of a cable, so it may be alone.
pub(crate) const WINTER: CableId = CableId::new(b'0').expect("printable");

impl Cable {
    /// Whether it joins units of these names.
    pub(crate) fn joins(self, units: [&str; 2]) -> bool {
        let names = self.ends.map(|end| UNITS[end]);
        names == units || names == [units[1], units[0]]
    }
}
