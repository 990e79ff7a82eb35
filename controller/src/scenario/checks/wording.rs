//! Words that messages about inputs share.

use shared::model::Input;

/// What an input is, in brackets, as far as its type says.
pub(super) fn described(input: &Input) -> String {
    let parts: [&str; 2] = [&input.meaning, &input.unit];
    let known: Vec<&str> = parts
        .into_iter()
        .filter(|part| !part.is_empty() && *part != "-")
        .collect();
    if known.is_empty() {
        String::new()
    } else {
        format!(" ({})", known.join(", "))
    }
}
