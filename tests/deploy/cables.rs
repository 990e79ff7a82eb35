//! Devices that the service may use, also those whose drivers come later.

use crate::system::System;

/// What stands in for the node: opens devices when it is told to, and writes how that went.
const PROBE: &str = "#!/bin/sh
until test -e /run/go; do sleep 0.1; done
for device in ttyACM0 spidev0.0; do true </dev/$device; done
stty -F /dev/ttyUSB0 raw -echo && exec 3<>/dev/ttyUSB0 && printf '0g1\\n' >&3 &&
    echo \"/dev/ttyUSB0 answers $(head -c 1 <&3)\"
true </dev/kmsg
exec sleep 1000
";

/// Has the service run that.
const OVERRIDE: &str = "[Service]
ExecStart=
ExecStart=/usr/local/bin/probe
";

/// As after a start of the machine: no such port was ever plugged in. The one who loads drivers is there, and
/// the controller of USB.
const BEFORE: &str = "chmod 755 /usr/local/bin/probe
    systemctl stop illuminator-node
    systemctl stop 'modprobe@*'; rmmod cdc_acm ftdi_sio usbserial spidev
    rm -f /run/systemd/system/systemd-udevd*
    systemctl daemon-reload; systemctl start systemd-udevd illuminator-node
    modprobe xhci_pci; udevadm settle
    lsmod | grep ftdi_sio; ls /dev/ttyUSB0";

/// The adapter comes by itself; behind the other numbers there is nothing.
const AFTER: &str = "mknod -m 660 /dev/ttyACM0 c 166 0; mknod -m 660 /dev/spidev0.0 c 153 0
    chgrp dialout /dev/ttyACM0; chgrp spi /dev/spidev0.0
    for try in $(seq 300); do test \"$(stat -c %G /dev/ttyUSB0)\" = dialout && break; sleep 0.2; done
    touch /run/go
    for try in $(seq 200); do
        journalctl --sync
        journalctl -t illuminator-node --output cat | grep -q kmsg && break
        sleep 0.2
    done
    lsmod | grep -o '^ftdi_sio'
    journalctl -t illuminator-node --output cat | grep /dev/";

#[test]
fn ports_that_are_plugged_in_later_are_not_kept_from_the_node() {
    let Some(system) = System::emulated() else {
        return;
    };
    system.deploy(&[]).assert(0, &[]);
    system.write("/usr/local/bin/probe", PROBE);
    system.write(
        "/etc/systemd/system/illuminator-node.service.d/probe.conf",
        OVERRIDE,
    );
    assert_eq!(system.sh(BEFORE), "", "no driver, and no port");
    let _board = system.plug_in_board(b'3');
    let said = system.sh(AFTER);
    assert!(said.contains("ftdi_sio\n"), "loaded by that plug: {said}");
    let line_of = |device: &str| {
        let line = said.lines().find(|line| line.contains(device));
        line.unwrap_or_else(|| panic!("{device} in {said}"))
    };
    assert_eq!(line_of("ttyUSB0"), "/dev/ttyUSB0 answers 3", "{said}");
    for device in ["ttyACM0", "spidev0.0"] {
        // The rules pass; there is nothing behind the numbers.
        assert!(line_of(device).contains("No such device"), "{said}");
    }
    assert!(
        !line_of("kmsg").contains("No such device"),
        "all else is closed: {said}"
    );
}
