//! Completions for GNU Bash.

use std::fmt::Write;

use terminal::command_line::{flags, short_of, value_of};

use super::{Described, Value};

/// The script. Its last lines find out where the cursor is; what may stand there is in the tables
/// before.
pub(super) fn script(commands: &[Described]) -> String {
    let (program, function) = (commands[0].program(), commands[0].function());
    let mut below = String::new();
    let mut words = String::new();
    let mut values = String::new();
    for command in commands {
        let path = command.words().collect::<Vec<_>>().join(" ");
        if let Some((parent, name)) = path
            .rsplit_once(' ')
            .or((!path.is_empty()).then_some(("", &path)))
        {
            line(
                &mut below,
                12,
                &format!("'{parent}/{name}') path='{path}' ;;"),
            );
        }
        let mut options = Vec::new();
        for flag in flags(&command.info) {
            let short = short_of(flag).map(|letter| format!("-{letter}"));
            options.extend(short.clone());
            options.push(flag.long.to_owned());
            if let Some(value) = value_of(flag) {
                let names = [Some(flag.long.to_owned()), short].into_iter().flatten();
                let names = names.map(|name| format!("'{path}/{name}'"));
                let names = names.collect::<Vec<_>>().join(" | ");
                let what = action(&function, &Value::called(value, &command.info));
                line(&mut values, 8, &format!("{names}) {what}; return ;;"));
            }
        }
        let names: Vec<&str> = command.info.commands.iter().map(|c| c.name).collect();
        let what = match &names[..] {
            [] => action(&function, &Value::of_positional(command)),
            names => {
                let names = names.iter().map(|&name| name.to_owned()).collect();
                action(&function, &Value::OneOf(names))
            }
        };
        let options = options.join(" ");
        line(
            &mut words,
            8,
            &format!("'{path}') options='{options}'; what='{what}' ;;"),
        );
    }
    TEMPLATE
        .replace("@BELOW@\n", &below)
        .replace("@VALUES@\n", &values)
        .replace("@WORDS@\n", &words)
        .replace("@PROGRAM@", program)
        .replace("@FUNCTION@", &function)
}

fn line(text: &mut String, indent: usize, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{:indent$}{line}", "");
}

/// What completes a value, with the functions of the program.
fn action(function: &str, value: &Value) -> String {
    match value {
        Value::File => format!("{function}_paths -f"),
        Value::Folder => format!("{function}_paths -d"),
        Value::OneOf(words) => format!("{function}_words \"{}\"", words.join(" ")),
        Value::Free => "true".to_owned(),
    }
}

const TEMPLATE: &str = r#"# Completions of @PROGRAM@ for bash, made from the description of its command line.

@FUNCTION@_words() {
    local IFS=$' \t\n'
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

@FUNCTION@_paths() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

@FUNCTION@() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local path='' options='' what='' i
    COMPREPLY=()
    # Bash takes '--option=value' for three words.
    if [[ $cur == '=' ]]; then
        cur=''
    elif [[ $prev == '=' ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$path/${COMP_WORDS[i]}" in
@BELOW@
        esac
    done
    case "$path/$prev" in
@VALUES@
    esac
    case "$path" in
@WORDS@
    esac
    if [[ $cur == -* ]]; then
        @FUNCTION@_words "$options"
    else
        eval "$what"
    fi
}

complete -F @FUNCTION@ @PROGRAM@
"#;
