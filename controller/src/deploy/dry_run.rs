//! What would be done, as lines of a shell script.

use std::fmt::Write;

use shared::wire::{BRIDGE_PORT, DEFAULT_PORT};

use super::binaries::Binaries;
use super::hosts::Host;
use super::login::Login;
use super::script::{self, Install, quoted};
use super::service::Service;
use super::ssh::{AS_ROOT, AS_USER, receive_into};

/// What comes before all commands.
const NOTHING: &str = "# Nothing has been run. These are the commands for each host.\n";

/// The commands of a deployment, without the key.
pub(crate) fn deploy(hosts: &[Host], login: &Login, binaries: &Binaries, force: bool) -> String {
    let mut text = String::from(NOTHING);
    text +=
        "# A Pi that started from a card is updated over the protocol, and needs none of them.\n";
    text += &function("look", script::LOOK);
    text += &function("try", script::START);
    text += &function("install", &script::install_body(Service::Node));
    text += &function("install_bridge", &script::install_body(Service::Bridge));
    let [node_places, bridge_places] =
        [Service::Node, Service::Bridge].map(|program| places(binaries, program));
    for host in hosts {
        let (name, upload) = (&host.name, Service::Node.upload_name(host));
        let port = host.port.unwrap_or(DEFAULT_PORT);
        let settings = settings(Service::Node, port, &upload, force);
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
             # first that is there of {node_places}\n\
             {send} <illuminator-node-TARGET\n\
             # unless a node answers there: whether one could be reached\n\
             {{ cat <<'SETTINGS'\n{trial}SETTINGS\ntry; }} | {look}\n\
             # SUM and KEY are the checksum and the cluster's key; 'upload' is empty if nothing was sent\n\
             {{ cat <<'SETTINGS'\n{settings}SETTINGS\ninstall; }} | {install}\n",
        );
        text += &deploy_bridge(host, login, &bridge_places, force);
    }
    text
}

/// The commands for a bridge beside the node.
fn deploy_bridge(host: &Host, login: &Login, places: &str, force: bool) -> String {
    let upload = Service::Bridge.upload_name(host);
    let settings = settings(Service::Bridge, BRIDGE_PORT, &upload, force);
    let when = if host.bridge {
        ""
    } else {
        ", if 'bridge-deployed' says that there is one, and there is one for it here"
    };
    format!(
        "# likewise a bridge, which listens on port {BRIDGE_PORT}{when}; the first that is there of {places}\n\
         {send} <illuminator-bridge-TARGET\n\
         {{ cat <<'SETTINGS'\n{settings}SETTINGS\ninstall_bridge; }} | {install}\n",
        send = ssh(login, &host.name, &receive_into(&upload, "BYTES")),
        install = ssh(login, &host.name, AS_ROOT),
    )
}

/// Where a program is looked for.
fn places(binaries: &Binaries, program: Service) -> String {
    let places = binaries.places(program, "TARGET");
    let places: Vec<String> = places.map(|place| place.display().to_string()).collect();
    places.join(", ")
}

/// The lines before an installation.
fn settings(program: Service, port: u16, upload: &str, force: bool) -> String {
    let settings = Install {
        program,
        port,
        sum: "SUM",
        upload,
        key: "KEY",
        force,
        busy: "",
    };
    settings.settings()
}

/// The commands of a removal.
pub(crate) fn undeploy(hosts: &[Host], login: &Login) -> String {
    let mut text = String::from(NOTHING);
    text += &function("look", script::LOOK);
    for host in hosts {
        let name = &host.name;
        let (look, remove) = (ssh(login, name, AS_USER), ssh(login, name, AS_ROOT));
        let script = script::remove(host);
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
