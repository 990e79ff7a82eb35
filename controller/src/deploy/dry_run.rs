//! What would be done, as lines of a shell script.

use std::fmt::Write;

use super::binaries::Binaries;
use super::hosts::Host;
use super::script;
use super::ssh::{AS_ROOT, AS_USER, Login, receive_into};

/// The commands of a deployment, without the key.
pub(super) fn deploy(hosts: &[Host], login: &Login, binaries: &Binaries) -> String {
    let mut text = String::from("# Nothing has been run. These are the commands for each host.\n");
    text += &function("look", script::LOOK);
    text += &function("install", &script::install_body());
    let places: Vec<String> = binaries
        .places("TARGET")
        .map(|place| place.display().to_string())
        .collect();
    for host in hosts {
        let (name, upload) = (&host.name, host.upload_name());
        let settings = script::install_settings(host.port, "SUM", &upload, "KEY");
        let (look, send, install) = (
            ssh(login, name, AS_USER),
            ssh(login, name, &receive_into(&upload)),
            ssh(login, name, AS_ROOT),
        );
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n# {name}, where the node listens on port {port}\n\
             look | {look}\n\
             # unless 'cksum' says the same there and here; TARGET follows from 'processor'; the\n\
             # first that is there of {places}\n\
             {send} <illuminator-node-TARGET\n\
             # SUM and KEY are the checksum and the cluster's key; 'upload' is empty if nothing was sent\n\
             {{ cat <<'SETTINGS'\n{settings}SETTINGS\ninstall; }} | {install}\n",
            port = host.port,
            places = places.join(", "),
        );
    }
    text
}

/// The commands of a removal.
pub(super) fn undeploy(hosts: &[Host], login: &Login) -> String {
    let mut text = String::from("# Nothing has been run. These are the commands for each host.\n");
    text += &function("look", script::LOOK);
    for host in hosts {
        let name = &host.name;
        let (look, remove) = (ssh(login, name, AS_USER), ssh(login, name, AS_ROOT));
        let script = script::remove(&host.upload_name());
        let _ = write!(
            text,
            "\n# {name}\nlook | {look}\n{remove} <<'SCRIPT'\n{script}SCRIPT\n"
        );
    }
    text
}

/// A shell function that prints a script.
fn function(name: &str, script: &str) -> String {
    format!("\n{name}() {{ cat <<'SCRIPT'\n{script}SCRIPT\n}}\n")
}

fn ssh(login: &Login, host: &str, remote: &str) -> String {
    let arguments = login.arguments(host, remote);
    let words = arguments.iter().map(|word| quoted(&word.to_string_lossy()));
    let words: Vec<String> = words.collect();
    format!("ssh {}", words.join(" "))
}

/// A word as a shell wants it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_words_as_they_are() {
        for word in ["a", "", "a b", "it's", "$(x)", "`x`", "a\nb", "\\", "*"] {
            let script = format!("printf %s {}", quoted(word));
            let output = std::process::Command::new("sh")
                .args(["-c", &script])
                .output();
            let output = output.expect("a shell").stdout;
            assert_eq!(String::from_utf8(output).expect("UTF-8"), word);
        }
    }
}
