//! The files that people have.

/// What a row can have, by place: global and diffuse radiation, the beam, the beam on level ground, air temperature, wind.
pub(super) const GLOBAL: usize = 0;
pub(super) const DIFFUSE: usize = 1;
pub(super) const BEAM: usize = 2;
pub(super) const LEVEL_BEAM: usize = 3;
pub(super) const AIR: usize = 4;
pub(super) const WIND: usize = 5;
pub(super) const COUNT: usize = 6;

/// The least and the largest that can be meant, of radiation, air temperature and wind; what is beyond stands for what is
/// missing, as the nines of EPW. Radiation slightly below zero is what instruments say at night.
pub(super) const LIMITS: [(f64, f64); 3] = [(-20.0, 2000.0), (-90.0, 65.0), (0.0, 120.0)];

/// Where in its interval a time stamp is, in halves of the interval.
pub(super) const START: i64 = 0;
pub(super) const MIDDLE: i64 = 1;
pub(super) const END: i64 = 2;

/// A kind of file.
#[derive(Debug)]
pub(super) struct Format {
    /// A cell of the line after which rows come.
    pub(super) mark: &'static str,
    /// The names of the columns where that line does not have them.
    pub(super) header: &'static str,
    /// The columns, by what they have.
    pub(super) names: [&'static str; COUNT],
    /// The first cell of the time stamp, and how many there are.
    pub(super) stamp: (usize, usize),
    /// The form of the time stamp without blanks; empty where a parameter says it.
    pub(super) pattern: &'static str,
    /// Where in its interval it is.
    pub(super) position: i64,
    /// What radiation, and what air temperature and wind are divided by.
    pub(super) divisors: (f64, f64),
    /// Whether years are mixed.
    pub(super) is_typical: bool,
    /// Whether its clock is UTC.
    pub(super) is_utc: bool,
}

/// The kinds, those that are told apart by more first.
pub(super) static FORMATS: [Format; 5] = [
    // EnergyPlus weather: hours are local standard time, and the header says which.
    Format {
        mark: "DATA PERIODS",
        header: ",,,,,,Ta,,,,,,,G_Gh,G_Bn,G_Dh,,,,,,FF",
        names: ["G_Gh", "G_Dh", "G_Bn", "-", "Ta", "FF"],
        stamp: (0, 4),
        pattern: "YYYY,M,D,H",
        position: END,
        divisors: (1.0, 1.0),
        is_typical: true,
        is_utc: false,
    },
    // PVGIS, typical meteorological year.
    Format {
        mark: "G(h)",
        header: "",
        names: ["G(h)", "Gd(h)", "Gb(n)", "-", "T2m", "WS10m"],
        stamp: (0, 1),
        pattern: "YYYYMMDD:HHmm",
        position: MIDDLE,
        divisors: (1.0, 1.0),
        is_typical: true,
        is_utc: true,
    },
    // PVGIS, hourly series.
    Format {
        mark: "T2m",
        header: "",
        names: ["G(i)", "Gd(i)", "-", "Gb(i)", "T2m", "WS10m"],
        stamp: (0, 1),
        pattern: "YYYYMMDD:HHmm",
        position: MIDDLE,
        divisors: (1.0, 1.0),
        is_typical: false,
        is_utc: true,
    },
    // KNMI, hourly: J/cm², and tenths of °C and m/s.
    Format {
        mark: "YYYYMMDD",
        header: "",
        names: ["Q", "-", "-", "-", "T", "FH"],
        stamp: (1, 2),
        pattern: "YYYYMMDD,H",
        position: END,
        divisors: (0.36, 10.0),
        is_typical: false,
        is_utc: true,
    },
    // Columns with the names of the type's own states.
    Format {
        mark: "Ta",
        header: "",
        names: ["G_Gh", "G_Dh", "G_Bn", "-", "Ta", "FF"],
        stamp: (0, 1),
        pattern: "",
        position: START,
        divisors: (1.0, 1.0),
        is_typical: false,
        is_utc: false,
    },
];
