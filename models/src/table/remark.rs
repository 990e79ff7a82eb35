//! What is missing on a table, and what means nothing there.

use std::fmt;

use shared::cable::CableId;

use super::rules::{CABLES, UNITS, WINTER};

/// A plug that is in a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The model at whose sockets it is.
    pub unit: String,
    /// The device of its socket, such as `ttyACM0`, where that is known.
    pub socket: Option<String>,
    /// The cable.
    pub cable: CableId,
}

/// `'PV_LED' (ttyACM0)`.
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.unit)?;
        match &self.socket {
            Some(socket) => write!(f, " ({socket})"),
            None => Ok(()),
        }
    }
}

/// Something to tell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The story needs a unit of this name, and none is connected to it.
    NoUnit(String),
    /// A cable has one end only.
    OneEnd(End),
    /// Both ends of a cable are at one unit.
    OneUnit([End; 2]),
    /// An id is at more than two places.
    ManyEnds(Vec<End>),
    /// A cable joins two units that the story does not join.
    NoPair([End; 2]),
    /// A cable joins two units as another one does already, which counts.
    SecondCable {
        /// Where it is.
        ends: [End; 2],
        /// The cable that counts.
        counts: CableId,
    },
}

impl Remark {
    /// Machine-readable category.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoUnit(_) => "no_unit",
            Self::OneEnd(_) => "one_end",
            Self::OneUnit(_) => "one_unit",
            Self::ManyEnds(_) => "many_ends",
            Self::NoPair(_) => "no_pair",
            Self::SecondCable { .. } => "second_cable",
        }
    }

    /// The plugs that it is about.
    pub fn ends(&self) -> &[End] {
        match self {
            Self::NoUnit(_) => &[],
            Self::OneEnd(end) => std::slice::from_ref(end),
            Self::OneUnit(ends) | Self::NoPair(ends) | Self::SecondCable { ends, .. } => ends,
            Self::ManyEnds(ends) => ends,
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUnit(name) => write!(
                f,
                "the story knows a unit '{name}', and there is none; connect the state \
                 'connections' of a model with this name to the story"
            ),
            Self::OneEnd(end) => write!(
                f,
                "cable {} has one end only, at {end}; plug in the other one",
                end.cable
            ),
            Self::OneUnit([a, b]) => write!(
                f,
                "cable {} has both ends at one unit, {a} and {b}; plug one of them in at another",
                a.cable
            ),
            Self::ManyEnds(ends) => {
                let cable = ends.first().map_or(WINTER, |end| end.cable);
                write!(f, "cable {cable} has {} ends: ", ends.len())?;
                for (place, end) in ends.iter().enumerate() {
                    let before = if place == 0 { "" } else { ", " };
                    write!(f, "{before}{end}")?;
                }
                f.write_str("; give each cable an id of its own")
            }
            Self::NoPair([a, b]) => {
                write!(
                    f,
                    "cable {} joins {a} and {b}, which means nothing to the story; it knows ",
                    a.cable
                )?;
                for (place, cable) in CABLES.iter().enumerate() {
                    let before = if place == 0 { "" } else { ", " };
                    let [a, b] = cable.ends.map(|end| UNITS[end]);
                    write!(f, "{before}{a} with {b}")?;
                }
                Ok(())
            }
            Self::SecondCable {
                ends: [a, b],
                counts,
            } => write!(
                f,
                "cable {} joins {a} and {b}, as cable {counts} does, which counts; unplug one of \
                 the two",
                a.cable
            ),
        }
    }
}

/// What there is to tell of a table with these units, and these plugs in their sockets: first of units,
/// then of cables, in the order in which they are given.
///
/// ```
/// use models::table::{End, remarks};
/// use shared::cable::CableId;
///
/// let units = ["Load_EWI_LED", "Grid_Ext_LED", "Load_house_LED", "PV_LED", "Battery_LED", "Wind_LED"];
/// let plug = |unit: &str, socket: &str, id: u8| End {
///     unit: unit.into(),
///     socket: Some(socket.into()),
///     cable: CableId::new(id).expect("printable"),
/// };
/// let plugs = [plug("PV_LED", "ttyACM0", b'4'), plug("Wind_LED", "ttyACM1", b'0')];
/// let told = remarks(&units, &plugs);
/// assert_eq!(told.len(), 1, "the plug for winter may be alone");
/// assert_eq!(
///     told[0].to_string(),
///     "cable 4 has one end only, at 'PV_LED' (ttyACM0); plug in the other one"
/// );
/// ```
pub fn remarks<Name: AsRef<str>>(units: &[Name], plugs: &[End]) -> Vec<Remark> {
    let is_there = |name: &str| units.iter().any(|unit| unit.as_ref() == name);
    let missing = UNITS.iter().filter(|name| !is_there(name));
    let mut remarks: Vec<Remark> = missing
        .map(|name| Remark::NoUnit((*name).to_owned()))
        .collect();
    // The cables that join two units, by these.
    let mut counting: Vec<([&str; 2], CableId)> = Vec::new();
    for (place, plug) in plugs.iter().enumerate() {
        let cable = plug.cable;
        if plugs[..place].iter().any(|known| known.cable == cable) {
            continue;
        }
        let ends = plugs.iter().filter(|end| end.cable == cable);
        let ends: Vec<&End> = ends.collect();
        match ends.as_slice() {
            [only] if cable != WINTER => remarks.push(Remark::OneEnd((*only).clone())),
            [_] => {}
            &[a, b] => remarks.extend(about_pair([a, b], &mut counting)),
            more => {
                let more = more.iter().map(|&end| end.clone());
                remarks.push(Remark::ManyEnds(more.collect()));
            }
        }
    }
    remarks
}

/// What there is to tell of a cable with two ends.
fn about_pair<'a>(
    ends: [&'a End; 2],
    counting: &mut Vec<([&'a str; 2], CableId)>,
) -> Option<Remark> {
    let units = ends.map(|end| end.unit.as_str());
    let owned = || ends.map(End::clone);
    if units[0] == units[1] {
        return Some(Remark::OneUnit(owned()));
    }
    if !CABLES.iter().any(|cable| cable.joins(units)) {
        return Some(Remark::NoPair(owned()));
    }
    let same = |known: &[&str; 2]| *known == units || *known == [units[1], units[0]];
    if let Some((_, counts)) = counting.iter().find(|(known, _)| same(known)) {
        return Some(Remark::SecondCable {
            ends: owned(),
            counts: *counts,
        });
    }
    counting.push((units, ends[0].cable));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugs(plugs: &[(&str, &str)]) -> Vec<End> {
        let cables = |&(unit, ids): &(&str, &str)| {
            let end = |id: u8| End {
                unit: unit.to_owned(),
                socket: None,
                cable: CableId::new(id).expect("printable"),
            };
            ids.bytes().map(end).collect::<Vec<_>>()
        };
        plugs.iter().flat_map(cables).collect()
    }

    fn codes(units: &[(&str, &str)]) -> Vec<(&'static str, String)> {
        let told = remarks(&UNITS, &plugs(units));
        let code = |remark: &Remark| {
            let ids = remark.ends().iter().map(|end| end.cable.to_string());
            (remark.code(), ids.collect::<String>())
        };
        told.iter().map(code).collect()
    }

    #[test]
    fn a_table_as_the_story_wants_it_needs_no_word() {
        let whole = [
            ("Load_EWI_LED", "145"),
            ("Grid_Ext_LED", "132"),
            ("Load_house_LED", "30"),
            ("PV_LED", "4"),
            ("Battery_LED", "5"),
            ("Wind_LED", "2"),
        ];
        assert_eq!(codes(&whole), []);
    }

    #[test]
    fn what_is_missing_or_means_nothing_is_told_cable_by_cable() {
        let told = codes(&[
            ("Load_EWI_LED", "17"),
            ("Grid_Ext_LED", "127"),
            ("Load_house_LED", "28"),
            ("PV_LED", "266"),
            ("Wind_LED", "8"),
        ]);
        let expected = [
            ("second_cable", "77"),
            ("many_ends", "222"),
            ("no_pair", "88"),
            ("one_unit", "66"),
        ];
        assert_eq!(told, expected.map(|(code, ids)| (code, ids.to_owned())));
        assert_eq!(
            codes(&[("PV_LED", "9"), ("Wind_LED", "0")]),
            [("one_end", "9".to_owned())]
        );
    }

    #[test]
    fn units_that_the_story_needs_are_named() {
        let told = remarks(&UNITS[1..], &[]);
        assert_eq!(told, [Remark::NoUnit("Load_EWI_LED".into())]);
        assert_eq!(remarks(&["PV"; 3], &[]).len(), UNITS.len());
    }
}
