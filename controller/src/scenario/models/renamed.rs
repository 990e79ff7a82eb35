//! Types that had other names before.

use shared::model::Registry;

/// What a type of an earlier generation is called now, if it has a successor here.
pub(crate) fn current_name<'a>(name: &str, types: &'a Registry) -> Option<&'a str> {
    let plain = |name: &str| name.to_lowercase().replace(['_', '-', ' '], "");
    let mut bare = plain(name);
    for ending in ["adapter", "mosaik", "simulator", "sim", "model"] {
        if let Some(rest) = bare.strip_suffix(ending) {
            bare = rest.to_owned();
        }
    }
    // What differs in case only has been misspelt, and is no old name.
    if bare == name.to_lowercase() && types.names().any(|known| known.to_lowercase() == bare) {
        return None;
    }
    let mut formerly = types.iter().filter(|known| known.formerly.contains(&bare));
    types
        .names()
        .find(|known| plain(known) == bare)
        .or_else(|| formerly.next().map(|known| &*known.name))
}
