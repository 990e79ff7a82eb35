#!/usr/bin/env bash
# build.sh: a machine for tests of deploying, in target/machine: the disk of a small Debian with systemd,
# sshd, sudo, Avahi and Python, Debian's kernel, and what it starts from. The tests in tests/deploy start it in a
# container, or in QEMU. Its address is 10.99.0.1, and fd99::1. 'root' and 'pi', who may use sudo
# without a password, log in with the key 'user' beside the disk; 'host' is the key of the machine.
#
# It is made once; remove target/machine to make it again. Needs root. Exit code 77: something that this
# needs is not to be had here.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."

folder=$PWD/target/machine
# What the machine is made from: another one is made when this changes.
recipe=$(cat tests/machine/build.sh tests/machine/init | cksum)

skip() { printf '%s\n' "$*" >&2; exit 77; }

if [ -e "$folder/complete" ] && [ "$(cat "$folder/complete")" = "$recipe" ]; then exit 0; fi
[ "$(id -u)" = 0 ] || skip "only root can make the disk of a machine"
while read -r tool package; do
    command -v "$tool" >/dev/null || skip "$tool is missing: apt-get install $package"
done <<'END'
mmdebstrap mmdebstrap
mke2fs e2fsprogs
cpio cpio
depmod kmod
xz xz-utils
ssh-keygen openssh-client
END

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$folder"
mkdir -p "$folder"

unpack() { node/packaging/unpack-debian amd64 "$work/kernel" "$@" || skip "not to be had here: $*"; }

# The kernel, with the modules that the machine needs or that a test loads. The package that always means
# the newest kernel names it in a link.
unpack busybox-static linux-image-amd64
name=$(readlink "$work/kernel/usr/share/doc/linux-image-amd64")
version=${name#linux-image-}
unpack "$name"
# What takes itself out of its own file takes an emulated processor as long as all else of a start.
packed=$work/kernel/boot/vmlinuz-$version
offset=$(grep --text --byte-offset --only-matching --perl-regexp '\xFD7zXZ\x00' "$packed" | sed -n '1s/:.*//p')
if [ -z "$offset" ] || ! xz -dc --single-stream < <(tail -c +$((offset + 1)) "$packed") >"$folder/vmlinux"; then
    cp "$packed" "$folder/vmlinux"
fi
depmod --basedir "$work/kernel" "$version"

# The files of modules and of what they need, in the order of loading.
modules() {
    local module
    for module in "$@"; do
        modprobe --dirname "$work/kernel" --set-version "$version" --show-depends "$module"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

first=$work/first
mkdir -p "$first/modules"
cp tests/machine/init "$work/kernel/bin/busybox" "$first"
for module in $(modules virtio_pci virtio_blk virtio_net ext4); do
    cp "$module" "$first/modules"
    echo "/modules/${module##*/}" >>"$first/modules.order"
done
# The devices are there, and their names; nobody logs in but by ssh.
cat >"$first/masked" <<'END'
cryptsetup.target
dev-hugepages.mount
dev-mqueue.mount
e2scrub_reap.service
getty.target
integritysetup.target
kmod-static-nodes.service
proc-sys-fs-binfmt_misc.automount
remote-fs.target
sys-fs-fuse-connections.mount
sys-kernel-config.mount
sys-kernel-debug.mount
sys-kernel-tracing.mount
systemd-ask-password-console.path
systemd-ask-password-wall.path
systemd-fsckd.socket
systemd-initctl.socket
systemd-journal-flush.service
systemd-logind.service
systemd-modules-load.service
systemd-pstore.service
systemd-random-seed.service
systemd-sysctl.service
systemd-sysusers.service
systemd-tmpfiles-clean.timer
systemd-tmpfiles-setup-dev.service
systemd-tmpfiles-setup.service
systemd-udev-trigger.service
systemd-udevd-control.socket
systemd-udevd-kernel.socket
systemd-udevd.service
systemd-update-utmp-runlevel.service
systemd-update-utmp.service
systemd-user-sessions.service
veritysetup.target
END
(cd "$first" && find . | cpio --create --format=newc --owner=0:0 --quiet | gzip -1) >"$folder/initrd"

# The system.
root=$work/root
mmdebstrap --quiet --variant=minbase --include=avahi-daemon,dbus,iproute2,kmod,openssh-server,python3,sudo,systemd-sysv,udev \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root" || skip "Debian is not to be had here"
for module in $(modules cdc_acm usbserial ftdi_sio spidev xhci_pci); do
    install -D -m 644 "$module" "$root/${module#"$work/kernel/"}"
done
cp "$work/kernel/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} "$root/lib/modules/$version"
depmod --basedir "$root" "$version"

ssh-keygen -q -t ed25519 -N '' -f "$folder/user"
ssh-keygen -q -t ed25519 -N '' -f "$folder/host"
rm -f "$root"/etc/ssh/ssh_host_*
install -m 600 "$folder/host" "$root/etc/ssh/ssh_host_ed25519_key"
printf '%s\n' 'HostKey /etc/ssh/ssh_host_ed25519_key' 'PermitRootLogin yes' 'UseDNS no' \
    'KexAlgorithms curve25519-sha256' \
    >"$root/etc/ssh/sshd_config.d/test.conf"
chroot "$root" useradd --create-home --shell /bin/bash pi
chroot "$root" usermod -p '*' pi
for group in gpio spi; do chroot "$root" groupadd --system "$group"; done
for home in /root /home/pi; do
    install -d -m 700 "$root$home/.ssh"
    install -m 600 "$folder/user.pub" "$root$home/.ssh/authorized_keys"
done
chroot "$root" chown -R pi:pi /home/pi/.ssh
echo 'pi ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/pi"
echo pi >"$root/etc/hostname"
# Without a name of its own, the machine would take its first start for the first one of an installation.
od -An -tx1 -N16 /dev/urandom | tr -d ' ' >"$root/etc/machine-id"
printf '127.0.0.1 localhost\n127.0.1.1 pi\n' >"$root/etc/hosts"
# Nothing that a test does not need takes time or writes to the disk.
chroot "$root" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer fstrim.timer systemd-timesyncd.service getty@tty1.service serial-getty@ttyS0.service
echo '/dev/vda / ext4 defaults 0 1' >"$root/etc/fstab"
mke2fs -q -t ext4 -d "$root" "$folder/disk" 1G
echo "$recipe" >"$folder/complete"
