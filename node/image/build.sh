#!/usr/bin/env bash
# build.sh [64-bit | 32-bit]: the image of a card from which a Raspberry Pi starts as a node and nothing else, for one of
# two kinds of Pis. 'controller image' makes the cards of a cluster from it.
#
#   64-bit   a Pi 3, 4, 400 and Zero 2 W   illuminator-image.img.gz; this is made where nothing is said
#   32-bit   a Pi 1, 2, Zero and Zero W    illuminator-image-32-bit.img.gz
#
# Firmware, kernels and drivers are Debian's packages; nobody needs to be root. What is fetched stays in
# target/image/KIND/debian, the files of the card in target/image/KIND/card, and the image is in target/image. Exit code
# 77: something that this needs is not to be had here.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."

say() { printf '%s\n' "$*" >&2; }
skip() { say "$*"; exit 77; }

# What differs. A kernel has the name of its processor in Debian, its package, what it and that which it starts are called on
# the card, and the boards that it is for.
kind=${1-64-bit}
case $kind in
64-bit)
    image=illuminator-image.img.gz
    target=aarch64-unknown-linux-musl
    firmware="start.elf fixup.dat start4.elf fixup4.dat"
    kernels=(
        "arm64 linux-image-arm64 kernel8.img initramfs.gz bcm2711-rpi-4-b bcm2711-rpi-400 bcm2711-rpi-cm4-io
            bcm2837-rpi-3-a-plus bcm2837-rpi-3-b bcm2837-rpi-3-b-plus bcm2837-rpi-cm3-io3 bcm2837-rpi-zero-2-w"
    )
    ;;
32-bit)
    image=illuminator-image-32-bit.img.gz
    # A Pi 2 runs what is for the others as well, so a card has one node, and updates are for all of them.
    target=arm-unknown-linux-musleabi
    firmware="start.elf fixup.dat"
    kernels=(
        "armel linux-image-rpi kernel.img initramfs.gz bcm2835-rpi-a bcm2835-rpi-a-plus bcm2835-rpi-b bcm2835-rpi-b-rev2
            bcm2835-rpi-b-plus bcm2835-rpi-cm1-io1 bcm2835-rpi-zero bcm2835-rpi-zero-w"
        "armhf linux-image-armmp kernel7.img initramfs7.gz bcm2836-rpi-2-b"
    )
    ;;
*)
    say "usage: ${0##*/} [64-bit | 32-bit]"
    exit 2
    ;;
esac

source=node/image
work=$PWD/target/image/$kind
debian=$work/debian
card=$work/card
binaries=$PWD/target/$target/node

# The drivers for a processor, as Debian calls it.
drivers() {
    awk -v processor="$1" '$1 != "" && $1 !~ /^#/ && (NF == 1 || index($0 " ", " " processor " ")) { print $1 }' \
        "$source/drivers"
}

# What the fetched files depend on, so that they are fetched again when it changes.
recipe() { printf '%s\n' "$firmware" "${kernels[@]}" && cat "$source/sources.list" "$source/drivers"; }

# Keeps what is needed of Debian's packages: for the card, and for each kernel the drivers with their order.
fetch() {
    local row
    if [ -e "$debian/complete" ] && [ "$(cat "$debian/complete")" = "$(recipe)" ]; then return; fi
    rm -rf "$debian"
    mkdir -p "$debian/card"
    for row in "${kernels[@]}"; do fetch_kernel "$row" || return; done
    recipe >"$debian/complete"
}

fetch_kernel() {
    local unpacked=$debian/unpacked processor package kernel boards board also=() name version driver file
    read -r -d '' processor package kernel _ boards <<<"$1" || true
    local drivers=$debian/drivers/$processor
    mkdir -p "$drivers"
    unpack() {
        node/packaging/unpack-debian --sources "$source/sources.list" --list "$debian/card/packages.txt" \
            "$processor" "$unpacked" "$@"
    }
    # The firmware is there once, whichever kernel it starts.
    [ -e "$debian/card/LICENCE.firmware.txt" ] || also=(raspi-firmware)
    unpack "$package" "${also[@]}" || return
    if [ ${#also[@]} -gt 0 ]; then
        for file in bootcode.bin $firmware; do cp "$unpacked/usr/lib/raspi-firmware/$file" "$debian/card" || return; done
        cp "$unpacked/usr/share/doc/raspi-firmware/copyright" "$debian/card/LICENCE.firmware.txt" || return
    fi
    # The package that always means the newest kernel names it in a link.
    name=$(readlink "$unpacked/usr/share/doc/$package") || return
    version=${name#linux-image-}
    unpack "$name" || return
    cp "$unpacked/usr/share/doc/$name/copyright" "$debian/card/LICENCE.linux.txt" || return
    for board in $boards; do
        # Those for 64 bits lie in a folder of their maker.
        find "$unpacked/usr/lib/$name" -name "$board.dtb" -exec cp {} "$debian/card" \; || return
        [ -e "$debian/card/$board.dtb" ] || return
    done
    file=$unpacked/boot/vmlinuz-$version
    case $processor in
    # The firmware unpacks it faster than it would read it from the card.
    arm64) gzip -9 --no-name --stdout "$file" >"$debian/card/$kernel" || return ;;
    # These unpack themselves.
    *) cp "$file" "$debian/card/$kernel" || return ;;
    esac
    depmod --basedir "$unpacked" "$version" || return
    for driver in $(drivers "$processor"); do
        modprobe --dirname "$unpacked" --set-version "$version" --show-depends "$driver" || return
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$debian/needed" || return
    while read -r driver; do
        cp "$driver" "$drivers" || return
        driver=${driver##*/}
        case $driver in *.xz) xz --decompress "$drivers/$driver" || return ;; esac
        printf '%s\n' "${driver%.xz}" >>"$drivers/order"
    done <"$debian/needed"
    rm -r "$unpacked" "$debian/needed"
}

# Packs what a kernel starts: the same bytes for the same files.
pack_initramfs() {
    local root=$work/root processor initramfs
    read -r processor _ _ initramfs _ <<<"$1"
    rm -rf "$root"
    mkdir -p "$root"
    cp -r "$debian/drivers/$processor" "$root/drivers"
    install -m 755 "$binaries/illuminator-init" "$root/init"
    install -m 755 "$binaries/illuminator-node" "$root/illuminator-node"
    find "$root" -exec touch --no-dereference --date=@0 {} +
    (cd "$root" && find . -print0 | sort --zero-terminated |
        cpio --create --null --format=newc --owner=0:0 --reproducible --quiet | gzip -9 --no-name) >"$card/$initramfs"
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
cp "$debian"/card/* "$source/card/$kind"/* "$source/card/illuminator.toml" "$card"
cp LICENSE "$card/LICENCE.illuminator.txt"
controller/packaging/licences.py "$card/LICENCE.crates.txt" "illuminator-node:$target" "illuminator-init:$target"
for row in "${kernels[@]}"; do pack_initramfs "$row"; done
image=$PWD/target/image/$image
cargo run --quiet --release --locked --package illuminator-image -- pack "$card" "$image"
printf '%8d bytes  %s\n' "$(stat --format=%s "$image")" "$image"
