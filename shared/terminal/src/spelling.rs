//! "Did you mean …": what someone who wrote a wrong name probably had in mind.

/// With how many candidates a word is compared, so that a large scenario full of mistakes is still
/// reported at once.
const COMPARED: usize = 500;

/// The candidate that a misspelt word is closest to, if any is close.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = word.to_ascii_lowercase();
    let length = wrong.chars().count();
    // Beyond this a word is no misspelling of anything, and comparing it costs time.
    if length > 64 {
        return None;
    }
    let allowed = length.div_ceil(3);
    candidates
        .into_iter()
        .take(COMPARED)
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= allowed)
        .map(|candidate| {
            let right = candidate.to_ascii_lowercase();
            (strsim::osa_distance(&wrong, &right), candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_whatever_its_case() {
        let types = ["Load", "LoadEV", "Battery"];
        assert_eq!(nearest("Loads", types), Some("Load"));
        assert_eq!(nearest("battery", types), Some("Battery"));
        assert_eq!(nearest("Bettary", types), Some("Battery"));
        assert_eq!(nearest("Windmill", types), None);
    }
}
