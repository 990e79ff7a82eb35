#!/usr/bin/env bash
# deb.sh [ARCHITECTURE…]: Debian packages of illuminator-node from the binaries of node/build.sh.
#
#   amd64   PCs
#   arm64   Pis with a 64-bit system
#   armhf   Pis with a 32-bit system. It has the ARMv6 binary, which runs on all of them: a Pi Zero
#           and a Pi 1 say 'armhf' as well, and could not run ARMv7.
#
# They land in target/debian. Without arguments: those whose binaries are there.
set -euo pipefail
cd "$(dirname "$0")/../.."

source=node/packaging
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)

binary() {
    local target
    case $1 in
    amd64) target=x86_64-unknown-linux-musl ;;
    arm64) target=aarch64-unknown-linux-musl ;;
    armhf) target=arm-unknown-linux-musleabi ;;
    *) echo "no packages for $1 (there are: amd64, arm64, armhf)" >&2; return 2 ;;
    esac
    echo "target/$target/node/illuminator-node"
}

# Lays out the files of a package, and packs them.
package() {
    local architecture=$1 binary=$2 root size
    root=target/debian/$architecture
    rm -rf "$root"
    install -D -m 755 "$binary" "$root/usr/bin/illuminator-node"
    install -D -m 644 <(sed "s#@COMMAND@#/usr/bin/illuminator-node serve#" "$source/illuminator-node.service") \
        "$root/usr/lib/systemd/system/illuminator-node.service"
    install -D -m 644 "$source/node.toml" "$root/etc/illuminator/node.toml"
    install -D -m 644 <(sed "s/@VERSION@/$version/; s/@PORT@/5123/" "$source/avahi.service") \
        "$root/etc/avahi/services/illuminator.service"
    for page in "$source"/manual/*; do
        install -D -m 644 <(gzip --best --no-name --stdout "$page") \
            "$root/usr/share/man/man1/${page##*/}.gz"
    done
    install -D -m 644 -t "$root/usr/share/bash-completion/completions" "$source/completions/illuminator-node"
    install -D -m 644 -t "$root/usr/share/zsh/vendor-completions" "$source/completions/_illuminator-node"
    install -D -m 644 -t "$root/usr/share/fish/vendor_completions.d" \
        "$source/completions/illuminator-node.fish"
    install -D -m 644 LICENSE "$root/usr/share/doc/illuminator-node/copyright"
    size=$(du --summarize --apparent-size --block-size=1K "$root" | cut -f 1)
    install -d "$root/DEBIAN"
    sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/" \
        "$source/debian/control" >"$root/DEBIAN/control"
    install -m 644 "$source/debian/conffiles" "$root/DEBIAN"
    install -m 755 "$source"/debian/{preinst,postinst,prerm,postrm} "$root/DEBIAN"
    (cd "$root" && find etc usr -type f -exec md5sum {} + | sort -k 2 >DEBIAN/md5sums)
    # Systems that cannot read newer compression are still in use on Pis.
    dpkg-deb --root-owner-group -Zxz --build "$root" target/debian
    rm -r "$root"
}

architectures=("$@")
[ $# -gt 0 ] || architectures=(amd64 arm64 armhf)
for architecture in "${architectures[@]}"; do
    binary=$(binary "$architecture")
    if [ -x "$binary" ]; then
        package "$architecture" "$binary"
    elif [ $# -gt 0 ]; then
        echo "$binary is not there: build it with node/build.sh" >&2
        exit 1
    fi
done
