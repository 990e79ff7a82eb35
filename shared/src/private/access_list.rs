//! Windows' access lists as text, in the language in which the system writes them down (SDDL): the same on a system of
//! any language, whatever its groups are called there.

/// Whoever has one of these is the owner, the system, or an administrator, who comes to every file anyway.
const TRUSTED: [&str; 6] = ["OW", "SY", "BA", "LA", "DA", "EA"];

/// Programs in a container of their own. What they are granted they have only as far as their user has it as well.
const CONTAINERS: [&str; 3] = ["AC", "S-1-15-2-", "S-1-15-3-"];

/// Groups that people are likely to meet here.
const NAMES: [(&str, &str); 5] = [
    ("WD", "Everyone"),
    ("AU", "Authenticated Users"),
    ("BU", "Users"),
    ("BG", "Guests"),
    ("IU", "Interactive"),
];

/// Whom the list that `icacls /save` has written grants something, in the order of the list, apart from those who may
/// have everything. `None` if there is no list in it.
pub(super) fn others(saved: &[u8]) -> Option<Vec<String>> {
    // It is UTF-16, and of the list itself all is ASCII.
    let text: String = saved
        .iter()
        .filter(|byte| **byte != 0)
        .map(|byte| char::from(*byte))
        .collect();
    // What stands before is the name of the file, which has no colon.
    let list = text
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix("D:"))?;
    let flags = list.split('(').next().unwrap_or_default();
    if flags.contains("NO_ACCESS_CONTROL") {
        return Some(vec!["WD".to_owned()]);
    }
    let mut others: Vec<String> = Vec::new();
    for trustee in entries(&list[flags.len()..]).filter_map(granted) {
        let is_trusted =
            TRUSTED.contains(&trustee) || CONTAINERS.iter().any(|known| trustee.starts_with(known));
        if !is_trusted && !others.iter().any(|known| known == trustee) {
            others.push(trustee.to_owned());
        }
    }
    Some(others)
}

/// The entries of a list, without their parentheses. A condition in one has parentheses of its own, and texts.
fn entries(mut list: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let inner = list.strip_prefix('(')?;
        let (mut depth, mut in_text) = (1_u32, false);
        let end = inner.find(|c| {
            match c {
                '"' => in_text = !in_text,
                '(' if !in_text => depth += 1,
                ')' if !in_text => depth -= 1,
                _ => {}
            }
            depth == 0
        })?;
        list = &inner[end + 1..];
        Some(&inner[..end])
    })
}

/// Whom an entry grants something on the file itself.
fn granted(entry: &str) -> Option<&str> {
    let mut fields = entry.split(';');
    let (kind, flags) = (fields.next()?, fields.next()?);
    let trustee = fields.nth(3)?;
    let denies = kind.ends_with('D');
    // One that is there for files in a folder alone.
    let is_for_others = flags.as_bytes().chunks(2).any(|flag| flag == b"IO");
    (!denies && !is_for_others).then_some(trustee)
}

/// What people call it.
pub(super) fn name_of(trustee: &str) -> &str {
    let known = NAMES.iter().find(|(known, _)| *known == trustee);
    known.map_or(trustee, |(_, name)| name)
}

/// The identifier of a user in what `whoami /user /fo csv /nh` prints: `"machine\name","S-1-5-21-…"`.
pub(super) fn user_in(said: &str) -> Option<&str> {
    let field = said.trim().rsplit(',').next()?.trim_matches('"');
    let is_identifier = field
        .strip_prefix("S-1-")
        .is_some_and(|rest| rest.bytes().all(|c| c.is_ascii_digit() || c == b'-'));
    is_identifier.then_some(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "S-1-5-21-1111-2222-3333-1001";

    /// The file that `icacls /save` writes for this list.
    fn saved(list: &str) -> Vec<u8> {
        let text = format!("cluster.key\r\n{list}\r\n");
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn those_who_may_have_everything_are_no_others() {
        for list in [
            "D:P",
            "D:PAI(A;;FA;;;OW)",
            "D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;LA)",
            "D:AI(A;ID;FR;;;AC)(A;ID;FR;;;S-1-15-3-65536-1)(A;ID;FA;;;SY)",
            // Who is denied something, and who has it in a folder only.
            "D:AI(D;;FA;;;WD)(XD;;FA;;;BG)(A;OICIIO;FA;;;CO)",
        ] {
            assert_eq!(others(&saved(list)), Some(vec![]), "{list}");
        }
    }

    #[test]
    fn everybody_else_is_named_once_and_in_order() {
        for (list, expected) in [
            ("D:NO_ACCESS_CONTROL", vec!["WD"]),
            (
                "D:AI(A;ID;FA;;;SY)(A;ID;0x1301bf;;;AU)(A;ID;0x1200a9;;;BU)(A;;FR;;;AU)",
                vec!["AU", "BU"],
            ),
            (
                "D:(A;OICI;FA;;;S-1-5-21-1111-2222-3333-1001)(A;;0x1;;;S-1-5-21-9-9-9-1002)",
                vec![USER, "S-1-5-21-9-9-9-1002"],
            ),
            (
                "D:(XA;;FR;;;WD;(@User.Title==\"(;\" || (Member_of {SID(BA)})))(A;;FR;;;BG)S:(AU;;FR;;;AU)",
                vec!["WD", "BG"],
            ),
        ] {
            assert_eq!(
                others(&saved(list)),
                Some(expected.into_iter().map(str::to_owned).collect()),
                "{list}"
            );
        }
    }

    #[test]
    fn where_there_is_no_list_nothing_is_said_of_it() {
        for list in ["", "S:(AU;;FR;;;WD)"] {
            assert_eq!(others(&saved(list)), None);
        }
        assert_eq!(others(b""), None);
    }

    #[test]
    fn a_user_is_who_the_system_says() {
        let said = format!("\"laptop\\jan, the second\",\"{USER}\"\r\n");
        assert_eq!(user_in(&said), Some(USER));
        assert_eq!(
            user_in("\"azuread\\jan\",\"S-1-12-1-1-2\""),
            Some("S-1-12-1-1-2")
        );
        for said in ["", "VM\\root", "\"a\",\"S-1-5-21 & calc\""] {
            assert_eq!(user_in(said), None, "{said}");
        }
    }

    #[test]
    fn groups_have_the_names_that_people_know() {
        assert_eq!(name_of("WD"), "Everyone");
        assert_eq!(name_of(USER), USER);
    }
}
