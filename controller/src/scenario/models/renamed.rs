//! Types that had other names before.

use shared::model::{ModelType, Registry};

/// A name without what differs in spelling.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '-', ' '], "")
}

/// A plain name without the ending of one that steps models.
fn bare(name: &str) -> String {
    let mut bare = plain(name);
    for ending in ["adapter", "mosaik", "simulator", "sim", "model"] {
        if let Some(rest) = bare.strip_suffix(ending) {
            bare = rest.to_owned();
        }
    }
    bare
}

/// The type that does what one of another name did, with another interface; and what differs.
pub(super) fn unlike<'a>(name: &str, types: &'a Registry) -> Option<(&'a str, &'a str)> {
    let bare = bare(name);
    let mut types = types.iter();
    let found = types.find(|known| known.unlike.0.contains(&bare))?;
    Some((&found.name, &found.unlike.1))
}

/// What differs from a type of an earlier generation, where an attribute of this name is among that.
pub(super) fn instead_of<'a>(attribute: &str, model_type: &'a ModelType) -> Option<&'a str> {
    let differs = &*model_type.unlike.1;
    let is_told = differs.contains(&format!("'{attribute}'"));
    is_told.then_some(differs)
}

/// What a type of an earlier generation is called now, if it has a successor here.
pub(crate) fn current_name<'a>(name: &str, types: &'a Registry) -> Option<&'a str> {
    let bare = bare(name);
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
