//! The Debian package and `controller deploy` on one machine.

use std::path::PathBuf;

use rig::workspace;

use crate::deploying::assert_said;
use crate::lan::run;
use crate::system::{ADDRESS, System};

/// The package for the machine.
fn package() -> PathBuf {
    let script = workspace().join("node/packaging/deb.sh");
    let packed = run("bash", &[script.to_str().expect("UTF-8"), "amd64"]);
    packed.expect("after 'node/build.sh x86_64-unknown-linux-musl'");
    let name = format!("illuminator-node_{}_amd64.deb", env!("CARGO_PKG_VERSION"));
    workspace().join("target/debian").join(name)
}

#[test]
fn a_node_comes_from_a_package_or_from_a_deployment_and_not_from_both() {
    let Some(system) = System::start() else {
        return;
    };
    system.copy(&package(), "/root/node.deb");
    let install = "dpkg --install /root/node.deb 2>&1";

    system.deploy(&[]).assert(0, &[]);
    let node = system.node();
    let said = system.sh(install);
    assert!(
        said.contains("'controller undeploy' takes it away"),
        "{said}"
    );
    assert_eq!(system.sh("ls /usr/bin | grep illuminator"), "");
    assert_eq!(system.node(), node, "the deployed node goes on");
    system.run(&["undeploy", ADDRESS]).assert(0, &[]);

    let said = system.sh(install);
    assert!(said.contains("has no key yet"), "{said}");
    for (command, remedy) in [("deploy", "apt-get remove"), ("undeploy", "apt-get purge")] {
        let refused = match command {
            "deploy" => system.deploy(&[]),
            _ => system.run(&[command, ADDRESS]),
        };
        refused.assert(4, &[]);
        assert_said(&refused, remedy);
    }

    // Both, as an earlier release allowed: purging the package leaves the deployed node its key.
    system.sh(
        "cd /etc/systemd/system
        sed 's#^ExecStart=.*#ExecStart=/usr/local/bin/illuminator-node serve --listen 0.0.0.0:5123#' \
            /usr/lib/systemd/system/illuminator-node.service >illuminator-node.service
        cp /usr/bin/illuminator-node /usr/local/bin/
        printf '%064d\\n' 1 >/etc/illuminator/cluster.key
        chown illuminator:illuminator /etc/illuminator/cluster.key
        chmod 600 /etc/illuminator/cluster.key
        systemctl daemon-reload; systemctl restart illuminator-node
        dpkg --purge illuminator-node 2>&1",
    );
    assert!(
        system
            .sh("cat /etc/illuminator/cluster.key")
            .ends_with("01\n")
    );
    // Whoever has both takes either away.
    system.sh(&format!(
        "mv /etc/systemd/system/illuminator-node.service /root; {install}"
    ));
    system.sh("mv /root/illuminator-node.service /etc/systemd/system; systemctl daemon-reload");
    let removed = system.run(&["undeploy", "--force", ADDRESS]);
    removed.assert(0, &[]);
    assert_said(&removed, "its node runs instead");
    let state = system.sh("systemctl show --property FragmentPath,ActiveState illuminator-node");
    assert!(state.contains("lib/systemd/system/"), "{state}");
    assert!(state.contains("ActiveState=active"), "{state}");
}
