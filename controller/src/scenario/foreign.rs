//! Files that are no scenarios of this generation, and what they are.

use shared::model::{ParameterKind, Registry};

use super::models::current_name;
use super::problems::{Position, Problems, shortened};
use super::yaml::{Content, Node};

/// Keys at the top of scenarios before version 3.
const OLD_KEYS: &[&str] = &[
    "simulators",
    "simulator",
    "sim_config",
    "sim_params",
    "mosaik_config",
];

const NOW: &str =
    "a scenario is a YAML file with the keys scenario, models, connections and monitor";

/// Recognizes what is no YAML, before it is read as such. Says whether it did.
pub(super) fn refuse_text(text: &str, types: &Registry, problems: &mut Problems) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let what = if text.starts_with('<') {
        let head: String = text.chars().take(4096).collect::<String>().to_lowercase();
        if ["<config", "simulat", "illuminator", "<model"]
            .iter()
            .any(|word| head.contains(word))
        {
            "this is XML, as the configuration of the Illuminator before version 3 was".to_owned()
        } else {
            "this is XML".to_owned()
        }
    } else if is_table(text) {
        format!("this is a table of data{}", where_named(types))
    } else {
        return false;
    };
    let message = format!("{what}; {NOW}");
    problems.error("not_a_scenario", Position::START, message);
    true
}

/// Where a scenario names a table of data.
fn where_named(types: &Registry) -> String {
    let reader = types.iter().find_map(|known| {
        let mut parameters = known.parameters.iter();
        let path = parameters.find(|parameter| parameter.kind == ParameterKind::ReadPaths)?;
        Some((&known.name, &path.name))
    });
    reader.map_or_else(String::new, |(reader, path)| {
        format!("; a scenario names it as '{path}' of a model of the type {reader}")
    })
}

/// Whether a text is rows of cells that begin with a number or a date.
fn is_table(text: &str) -> bool {
    let rows = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let mut rows = rows.skip(1).take(3).peekable();
    rows.peek().is_some()
        && rows.all(|line| {
            line.trim_start_matches(['"', '\''])
                .starts_with(|c: char| c.is_ascii_digit())
                && line.contains([',', ';', '\t'])
                && !line.contains(": ")
        })
}

/// Recognizes the content of a file that is valid YAML and no scenario. Says whether it did.
pub(super) fn refuse_tree(root: &Node, types: &Registry, problems: &mut Problems) -> bool {
    let Content::Map(entries) = &root.content else {
        return false;
    };
    let has = |key: &str| entries.iter().any(|entry| *entry.key.text == *key);
    if has("nbformat") || (has("cells") && has("metadata")) {
        let message = format!(
            "this is a Jupyter notebook; {NOW}, such as a notebook may write or name in its cells"
        );
        problems.error("not_a_scenario", root.position, message);
        return true;
    }
    let old = entries
        .iter()
        .find(|entry| OLD_KEYS.contains(&&*entry.key.text));
    let is_new = has("scenario") || has("monitor");
    let Some(old) = old.filter(|_| !is_new) else {
        return false;
    };
    let mut names = Vec::new();
    for entry in entries {
        collect(&entry.value, types, &mut names);
    }
    names.truncate(12);
    let renamed = if names.is_empty() {
        String::new()
    } else {
        format!(" ({})", names.join(", "))
    };
    let message = format!(
        "this is a scenario of the Illuminator before version 3, as its key '{}' shows; now {NOW}, \
         and each simulator is an entry of 'models' with 'name', 'type' and 'parameters'{renamed}",
        shortened(&old.key.text)
    );
    problems.error("old_scenario", old.key.position, message);
    true
}

/// The old names in a tree, each with its new one.
fn collect(node: &Node, types: &Registry, found: &mut Vec<String>) {
    let mut add = |old: &str, now: &str| {
        let line = format!("'{}' is now '{now}'", shortened(old));
        if !found.contains(&line) {
            found.push(line);
        }
    };
    match &node.content {
        Content::Text(text) => {
            let name = text.rsplit([':', '.', '/']).next().unwrap_or(text);
            if name.to_lowercase().ends_with("adapter")
                && let Some(now) = current_name(name, types)
            {
                add(name, now);
            }
        }
        Content::List(items) => items.iter().for_each(|item| collect(item, types, found)),
        Content::Map(entries) => {
            for entry in entries {
                let key = &*entry.key.text;
                let mut parameters = types.iter().flat_map(|known| &*known.parameters);
                if let Some(now) = parameters.find(|now| now.formerly.contains(key)) {
                    add(key, &now.name);
                }
            }
            for entry in entries {
                collect(&entry.value, types, found);
            }
        }
        _ => {}
    }
}
