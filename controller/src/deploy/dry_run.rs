//! What would be done, as lines of a shell script.

use std::fmt::Write;

use shared::wire::DEFAULT_PORT;

use super::binaries::Binaries;
use super::hosts::Host;
use super::login::Login;
use super::script::{self, Install, quoted};
use super::ssh::{AS_ROOT, AS_USER, receive_into};

/// The commands of a deployment, without the key.
pub(crate) fn deploy(hosts: &[Host], login: &Login, binaries: &Binaries, force: bool) -> String {
    let mut text = String::from("# Nothing has been run. These are the commands for each host.\n");
    text += &function("look", script::LOOK);
    text += &function("try", script::START);
    text += &function("install", &script::install_body());
    let places: Vec<String> = binaries
        .places("TARGET")
        .map(|place| place.display().to_string())
        .collect();
    for host in hosts {
        let (name, upload) = (&host.name, host.upload_name());
        let port = host.port.unwrap_or(DEFAULT_PORT);
        let settings = Install {
            port,
            sum: "SUM",
            upload: &upload,
            key: "KEY",
            force,
            busy: "",
        };
        let settings = settings.settings();
        let trial = script::start_settings(port, &upload, true, "KEY");
        let (look, send, install) = (
            ssh(login, name, AS_USER),
            ssh(login, name, &receive_into(&upload, "BYTES")),
            ssh(login, name, AS_ROOT),
        );
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n# {name}, where the node listens on port {port}\n\
             look | {look}\n\
             # 'key' as root shows the key of a node that is there, to ask it who uses it, if that is\n\
             # not the cluster's\n\
             # unless 'cksum' says the same there and here; TARGET follows from 'processor'; the\n\
             # first that is there of {places}\n\
             {send} <illuminator-node-TARGET\n\
             # unless a node answers there: whether one could be reached\n\
             {{ cat <<'SETTINGS'\n{trial}SETTINGS\ntry; }} | {look}\n\
             # SUM and KEY are the checksum and the cluster's key; 'upload' is empty if nothing was sent\n\
             {{ cat <<'SETTINGS'\n{settings}SETTINGS\ninstall; }} | {install}\n",
            places = places.join(", "),
        );
    }
    text
}

/// The commands of a removal.
pub(crate) fn undeploy(hosts: &[Host], login: &Login) -> String {
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
    let arguments = login.arguments(host, remote, |_| true);
    let words = arguments.iter().map(|word| quoted(&word.to_string_lossy()));
    let words: Vec<String> = words.collect();
    format!("ssh {}", words.join(" "))
}
