//! Devices that the service may use, also those whose drivers come later.

use crate::system::System;

/// What stands in for the node: opens devices when it is told to, and writes how that went.
const PROBE: &str = "[Service]
ExecStart=
ExecStart=/bin/sh -c 'until test -e /run/go; do sleep 0.1; done; for device in ttyACM0 ttyUSB0 spidev0.0 \
kmsg; do true </dev/$$device; done; exec sleep 1000'
";

#[test]
fn ports_that_are_plugged_in_later_are_not_kept_from_the_node() {
    let Some(system) = System::emulated() else {
        return;
    };
    system.deploy(&[]).assert(0, &[]);
    system.write(
        "/etc/systemd/system/illuminator-node.service.d/probe.conf",
        PROBE,
    );
    // As after a start of the machine: no such port was ever plugged in.
    let said = system.sh("systemctl stop illuminator-node
        systemctl stop 'modprobe@*'; rmmod cdc_acm usbserial spidev
        systemctl daemon-reload; systemctl start illuminator-node
        mknod -m 660 /dev/ttyACM0 c 166 0; mknod -m 660 /dev/ttyUSB0 c 188 0
        mknod -m 660 /dev/spidev0.0 c 153 0
        chgrp dialout /dev/ttyACM0 /dev/ttyUSB0; chgrp spi /dev/spidev0.0
        touch /run/go
        for try in $(seq 200); do
            journalctl --sync
            journalctl -t illuminator-node --output cat | grep -q kmsg && break
            sleep 0.2
        done
        journalctl -t illuminator-node --output cat | grep /dev/");
    for device in ["ttyACM0", "ttyUSB0", "spidev0.0"] {
        let line = said.lines().find(|line| line.contains(device));
        let line = line.unwrap_or_else(|| panic!("{device} in {said}"));
        // The rules pass; there is nothing behind the numbers.
        assert!(line.contains("No such device"), "{said}");
    }
    let other = said
        .lines()
        .find(|line| line.contains("kmsg"))
        .expect("tried");
    assert!(
        !other.contains("No such device"),
        "all else is closed: {said}"
    );
}
