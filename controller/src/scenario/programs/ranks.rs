//! In which order values from several connections are listed for a program.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::wiring::{Connection, SourceKey, Units};

/// An attribute of a source.
type Port<'a> = (SourceKey<'a>, &'a str);

/// The connections of each attribute of each source.
type Ports<'a> = Vec<(Port<'a>, Vec<usize>)>;

/// The place of each connection into a unit among all of them. Those into a program are grouped by source program and
/// by direct or shifted, then by source and attribute; each group is where its first connection is in the file.
pub(super) fn ranks(
    members: &[usize],
    units: &Units,
    connections: &[Connection],
) -> BTreeMap<usize, u32> {
    let mut ranks = BTreeMap::new();
    let programs: BTreeSet<usize> = members.iter().map(|model| units.program(*model)).collect();
    for program in programs {
        let mut groups: Vec<((usize, bool), Ports<'_>)> = Vec::new();
        for (place, connection) in connections.iter().enumerate() {
            let target = connection.target_model.map(|model| units.program(model));
            let (Some(source), true) = (connection.source(), target == Some(program)) else {
                continue;
            };
            let is_shifted = connection.shifted == Some(true);
            let ports = entry(&mut groups, (units.program(source.0), is_shifted));
            entry(ports, (source, connection.from_text.as_str())).push(place);
        }
        let ports = groups.into_iter().flat_map(|(_, ports)| ports);
        for place in ports.flat_map(|(_, places)| places) {
            let rank = u32::try_from(ranks.len()).unwrap_or(u32::MAX);
            ranks.insert(place, rank);
        }
    }
    ranks
}

/// The values of a key in a list, which has it from now on.
fn entry<Key: PartialEq, Value: Default>(list: &mut Vec<(Key, Value)>, key: Key) -> &mut Value {
    let place = list.iter().position(|(known, _)| *known == key);
    let place = place.unwrap_or_else(|| {
        list.push((key, Value::default()));
        list.len() - 1
    });
    &mut list[place].1
}
