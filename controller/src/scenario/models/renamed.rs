//! Types that had other names before.

/// Type names of earlier generations, without the endings that all have, and what they are called
/// now. Names that differ in nothing else are found without it.
const OLD_TYPES: &[(&str, &str)] = &[
    ("ctrl", "Controller"),
    ("csvreaderpandas", "CSV"),
    ("csvreader", "CSV"),
    ("reader", "CSV"),
    ("eboiler", "ElectricBoiler"),
    ("electrolyzer", "Electrolyser"),
    ("gridconnection", "GridConnection"),
    ("h2demand", "H2Demand"),
    ("h2storage", "H2Storage"),
    ("heatpump", "HeatPump"),
    ("solar", "PV"),
    ("windturbine", "Wind"),
];

/// What a type of an earlier generation is called now, if it has a successor here.
pub(crate) fn current_name<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let plain = |name: &str| name.to_lowercase().replace(['_', '-', ' '], "");
    let mut bare = plain(name);
    for ending in ["adapter", "mosaik", "simulator", "sim", "model"] {
        if let Some(rest) = bare.strip_suffix(ending) {
            bare = rest.to_owned();
        }
    }
    let is = |known: &&&str| plain(known) == bare;
    let by_table = || {
        let (_, now) = OLD_TYPES.iter().find(|(old, _)| *old == bare)?;
        names.iter().find(|known| *known == now)
    };
    // What differs in case only has been misspelt, and is no old name.
    if bare == name.to_lowercase() && names.iter().any(|known| known.to_lowercase() == bare) {
        return None;
    }
    names.iter().find(is).or_else(by_table).copied()
}
