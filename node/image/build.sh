#!/usr/bin/env bash
# build.sh: the image of a card from which a Raspberry Pi starts as a node and nothing else, for a Pi 3, 4, 400 and
# Zero 2 W. 'controller image' makes the cards of a cluster from it.
#
# Firmware, kernel and drivers are Debian's packages; nobody needs to be root. What is fetched stays in
# target/image/debian, the files of the card in target/image/card, and the image is
# target/image/illuminator-image.img.gz. Exit code 77: something that this needs is not to be had here.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."

source=node/image
target=aarch64-unknown-linux-musl
work=$PWD/target/image
debian=$work/debian
card=$work/card
binaries=$PWD/target/$target/node
boards="bcm2711-rpi-4-b bcm2711-rpi-400 bcm2711-rpi-cm4-io bcm2837-rpi-3-a-plus bcm2837-rpi-3-b bcm2837-rpi-3-b-plus
    bcm2837-rpi-cm3-io3 bcm2837-rpi-zero-2-w"

say() { printf '%s\n' "$*" >&2; }
skip() { say "$*"; exit 77; }

drivers() { grep --invert-match '^#' "$source/drivers" | xargs; }

# What the fetched files depend on, so that they are fetched again when it changes.
recipe() { cat "$source/sources.list" && drivers; }

# Keeps what is needed of Debian's packages: for the card, and the drivers with their order.
fetch() {
    local unpacked=$debian/unpacked name version driver board
    if [ -e "$debian/complete" ] && [ "$(cat "$debian/complete")" = "$(recipe)" ]; then return; fi
    rm -rf "$debian"
    mkdir -p "$debian/card" "$debian/drivers"
    unpack() {
        node/packaging/unpack-debian --sources "$source/sources.list" --list "$debian/card/packages.txt" \
            arm64 "$unpacked" "$@"
    }
    unpack raspi-firmware linux-image-arm64 || return
    # The package that always means the newest kernel names it in a link.
    name=$(readlink "$unpacked/usr/share/doc/linux-image-arm64") || return
    version=${name#linux-image-}
    unpack "$name" || return
    cp "$unpacked"/usr/lib/raspi-firmware/{bootcode.bin,start.elf,fixup.dat,start4.elf,fixup4.dat} "$debian/card" || return
    cp "$unpacked/usr/share/doc/raspi-firmware/copyright" "$debian/card/LICENCE.firmware.txt" || return
    cp "$unpacked/usr/share/doc/$name/copyright" "$debian/card/LICENCE.linux.txt" || return
    for board in $boards; do
        cp "$unpacked/usr/lib/$name/broadcom/$board.dtb" "$debian/card" || return
    done
    # The firmware unpacks it faster than it would read it from the card.
    gzip -9 --no-name --stdout "$unpacked/boot/vmlinuz-$version" >"$debian/card/kernel8.img" || return
    depmod --basedir "$unpacked" "$version" || return
    for driver in $(drivers); do
        modprobe --dirname "$unpacked" --set-version "$version" --show-depends "$driver" || return
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$debian/needed"
    while read -r driver; do
        cp "$driver" "$debian/drivers" || return
        driver=${driver##*/}
        case $driver in *.xz) xz --decompress "$debian/drivers/$driver" || return ;; esac
        printf '%s\n' "${driver%.xz}" >>"$debian/drivers/order"
    done <"$debian/needed"
    rm -r "$unpacked"
    recipe >"$debian/complete"
}

# Packs what the kernel starts: the same bytes for the same files.
pack_initramfs() {
    local root=$work/root
    rm -rf "$root"
    mkdir -p "$root"
    cp -r "$debian/drivers" "$root/drivers"
    install -m 755 "$binaries/illuminator-init" "$root/init"
    install -m 755 "$binaries/illuminator-node" "$root/illuminator-node"
    find "$root" -exec touch --no-dereference --date=@0 {} +
    (cd "$root" && find . -print0 | sort --zero-terminated |
        cpio --create --null --format=newc --owner=0:0 --reproducible --quiet | gzip -9 --no-name) >"$card/initramfs.gz"
    rm -r "$root"
}

# Tools of the system are not on everybody's path.
PATH=$PATH:/usr/sbin
for tool in depmod:kmod cpio:cpio xz:xz-utils; do
    command -v "${tool%:*}" >/dev/null || skip "${tool%:*} is missing: apt-get install ${tool#*:}"
done
if ! (fetch); then skip "Debian's kernel and firmware for the Pi are not to be had here"; fi
for option in "" --init; do
    # shellcheck disable=SC2086 # an option or none
    node/build.sh $option "$target" || exit $?
done
rm -rf "$card"
mkdir -p "$card"
cp "$debian"/card/* "$card"
cp "$source"/card/* "$card"
cp LICENSE "$card/LICENCE.illuminator.txt"
controller/packaging/licences.py "$card/LICENCE.crates.txt" "illuminator-node:$target" "illuminator-init:$target"
pack_initramfs
cargo run --quiet --release --locked --package illuminator-image -- pack "$card" "$work/illuminator-image.img.gz"
printf '%8d bytes  %s\n' "$(stat --format=%s "$work/illuminator-image.img.gz")" "$work/illuminator-image.img.gz"
