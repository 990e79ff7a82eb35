//! "Did you mean …": what someone who wrote a wrong name probably had in mind.

pub(crate) use terminal::spelling::nearest;

/// What people call a key, also in earlier versions of the Illuminator, and its name.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("address", "ip"),
    ("addr", "ip"),
    ("class", "type"),
    ("dest", "to"),
    ("destination", "to"),
    ("host", "ip"),
    ("hostname", "ip"),
    ("model_type", "type"),
    ("output_file", "file"),
    ("resolution", "time_resolution"),
    ("source", "from"),
    ("src", "from"),
    ("step_size", "time_step_size"),
    ("target", "to"),
];

/// The key that a wrong one stands for, if it can be guessed.
pub(crate) fn meant_key<'a>(word: &str, keys: &[&'a str]) -> Option<&'a str> {
    let other = OTHER_NAMES
        .iter()
        .find(|(other, _)| word.eq_ignore_ascii_case(other));
    let named = other.and_then(|(_, name)| keys.iter().find(|key| *key == name));
    named
        .copied()
        .or_else(|| nearest(word, keys.iter().copied()))
}

/// How many names a message lists.
const LISTED: usize = 12;

/// What a name could have been: `, did you mean 'load'? (inputs: load)`, to be put after what is
/// wrong. `these` says what the candidates are.
pub(crate) fn suggestion(word: &str, these: &str, candidates: &[&str]) -> String {
    listing(nearest(word, candidates.iter().copied()), these, candidates)
}

/// The same for keys and parameters, which people know by other names as well.
pub(crate) fn key_suggestion(word: &str, these: &str, keys: &[&str]) -> String {
    listing(meant_key(word, keys), these, keys)
}

/// What is probably meant, and what there is.
pub(crate) fn listing(near: Option<&str>, these: &str, candidates: &[&str]) -> String {
    let near = match near {
        Some(near) => format!(", did you mean '{near}'?"),
        None => String::new(),
    };
    let more = candidates.len().saturating_sub(LISTED);
    let listed = candidates.iter().take(LISTED).copied();
    let names = listed.collect::<Vec<_>>().join(", ");
    match (names.is_empty(), more) {
        (true, _) => format!("{near} ({these}: none)"),
        (false, 0) => format!("{near} ({these}: {names})"),
        (false, more) => format!("{near} ({these}: {names} and {more} more)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_other_names() {
        assert_eq!(meant_key("host", &["ip", "port"]), Some("ip"));
        assert_eq!(meant_key("Hostname", &["ip"]), Some("ip"));
        assert_eq!(meant_key("hots", &["ip", "port"]), None);
        assert_eq!(
            key_suggestion("host", "keys", &["ip", "port"]),
            ", did you mean 'ip'? (keys: ip, port)"
        );
    }

    #[test]
    fn a_suggestion_lists_what_there_is() {
        assert_eq!(
            suggestion("lode", "inputs", &["load"]),
            ", did you mean 'load'? (inputs: load)"
        );
        assert_eq!(suggestion("x", "inputs", &[]), " (inputs: none)");
        let many: Vec<String> = (0..14).map(|i| format!("column{i}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(suggestion("x", "inputs", &many).ends_with("column11 and 2 more)"));
    }
}
