#!/usr/bin/env bash
# deb.sh [ARCHITECTURE…]: Debian packages of illuminator-node, illuminator-controller and illuminator-bridge.
#
#   amd64   PCs
#   arm64   Pis with a 64-bit system
#   armhf   Pis with a 32-bit system. They are the ARMv6 binaries, which run on all of them: a Pi Zero and a Pi 1 say
#           'armhf' as well, and could not run ARMv7.
#
# They land in target/debian. Without arguments: those whose binaries are there. With them, the node's has to be.
#
#   illuminator-node         node/build.sh TARGET
#   illuminator-bridge       node/build.sh --bridge TARGET
#   illuminator-controller   node/build.sh --controller TARGET, and all nodes, which 'controller deploy' puts on others.
#                            One that runs here prints its manual.
#
# Beside the copyright of each are the licences of the crates in it.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
nodes=(x86_64-unknown-linux-musl aarch64-unknown-linux-musl armv7-unknown-linux-musleabihf arm-unknown-linux-musleabi)

target() {
    case $1 in
    amd64) echo x86_64-unknown-linux-musl ;;
    arm64) echo aarch64-unknown-linux-musl ;;
    armhf) echo arm-unknown-linux-musleabi ;;
    *) echo "no packages for $1 (there are: amd64, arm64, armhf)" >&2; return 2 ;;
    esac
}

# A controller for this machine, for what it says of itself.
own_controller() {
    local path
    for path in target/release/controller "target/$(uname -m)-unknown-linux-musl/release/controller"; do
        if [ -x "$path" ]; then echo "$path" && return; fi
    done
    return 1
}

# A program with its pages and completions, which are in the folder 'manual' and 'completions' of another one.
lay_program() {
    local root=$1 binary=$2 folder=$3 name=${2##*/} page
    install -D -m 755 "$binary" "$root/usr/bin/$name"
    for page in "$folder"/manual/*; do
        install -D -m 644 <(gzip --best --no-name --stdout "$page") "$root/usr/share/man/man1/${page##*/}.gz"
    done
    install -D -m 644 -t "$root/usr/share/bash-completion/completions" "$folder/completions/$name"
    install -D -m 644 -t "$root/usr/share/zsh/vendor-completions" "$folder/completions/_$name"
    install -D -m 644 -t "$root/usr/share/fish/vendor_completions.d" "$folder/completions/$name.fish"
}

lay_node() {
    local root=$1 target=$2 source=node/packaging
    lay_program "$root" "target/$target/node/illuminator-node" "$source"
    install -D -m 644 <(sed "s#@COMMAND@#/usr/bin/illuminator-node serve#" "$source/illuminator-node.service") \
        "$root/usr/lib/systemd/system/illuminator-node.service"
    install -D -m 644 "$source/node.toml" "$root/etc/illuminator/node.toml"
    install -D -m 644 <(sed "s/@VERSION@/$version/; s/@PORT@/5123/" "$source/avahi.service") \
        "$root/etc/avahi/services/illuminator.service"
}

lay_bridge() {
    lay_program "$1" "target/$2/node/illuminator-bridge" node/bridge/packaging
}

lay_controller() {
    local root=$1 target=$2 own said=target/debian/said node
    own=$(own_controller)
    rm -rf "$said"
    mkdir -p "$said/completions"
    "$own" man --folder "$said/manual" >&2
    "$own" completions bash >"$said/completions/controller"
    "$own" completions zsh >"$said/completions/_controller"
    "$own" completions fish >"$said/completions/controller.fish"
    lay_program "$root" "target/$target/release/controller" "$said"
    rm -r "$said"
    for node in "${nodes[@]}"; do
        install -D -m 755 "target/$node/node/illuminator-node" "$root/usr/lib/illuminator/nodes/illuminator-node-$node"
    done
}

# The copyright of a package, and the licences of what others made that is in its programs.
lay_licences() {
    local name=$1 target=$2 doc=$3 said=target/debian/licences made programs=("$1:$2")
    if [ "$name" = illuminator-controller ]; then
        for made in "${nodes[@]}"; do programs+=("illuminator-node:$made"); done
    fi
    controller/packaging/licences.py "$said" "${programs[@]}"
    install -D -m 644 <(gzip --best --no-name --stdout "$said") "$doc/LICENCES.gz"
    rm "$said"
    install -D -m 644 <(
        cat LICENSE
        printf '\n%s\n' "Crates that others made are in it, and Rust's standard library and musl, which are under licences of
their own. LICENCES.gz beside this file has each of them, with its copyright and the text of its licence."
    ) "$doc/copyright"
}

# What Debian's tools read of a release; what people read is CHANGELOG.md.
changelog() {
    printf '%s (%s) unstable; urgency=medium\n\n  * Release %s of the Illuminator Cluster.\n\n -- %s  %s\n' \
        "$1" "$version" "$version" "$(sed -n 's/^Maintainer: //p' "$2/control")" \
        "$(date --rfc-email --reference=CHANGELOG.md)"
}

# Lays out the files of a package, and packs them.
package() {
    local name=$1 architecture=$2 debian=$3 root size script
    root=target/debian/$name-$architecture
    rm -rf "$root"
    "lay_${name#illuminator-}" "$root" "$(target "$architecture")"
    lay_licences "$name" "$(target "$architecture")" "$root/usr/share/doc/$name"
    install -D -m 644 <(changelog "$name" "$debian" | gzip --best --no-name) "$root/usr/share/doc/$name/changelog.gz"
    install -D -m 644 "$debian/lintian-overrides" "$root/usr/share/lintian/overrides/$name"
    size=$(du --summarize --apparent-size --block-size=1K "$root" | cut -f 1)
    install -d "$root/DEBIAN"
    sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/" \
        "$debian/control" >"$root/DEBIAN/control"
    if [ -e "$debian/conffiles" ]; then install -m 644 "$debian/conffiles" "$root/DEBIAN"; fi
    for script in "$debian"/p{reinst,ostinst,rerm,ostrm}; do
        if [ -e "$script" ]; then install -m 755 "$script" "$root/DEBIAN"; fi
    done
    (cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum | sort -k 2 >DEBIAN/md5sums)
    # Systems that cannot read newer compression are still in use on Pis.
    dpkg-deb --root-owner-group -Zxz --build "$root" target/debian
    rm -r "$root"
}

architectures=("$@")
[ $# -gt 0 ] || architectures=(amd64 arm64 armhf)
all_nodes=yes
for node in "${nodes[@]}"; do
    [ -x "target/$node/node/illuminator-node" ] || all_nodes=
done
for architecture in "${architectures[@]}"; do
    made=$(target "$architecture")
    if [ -x "target/$made/node/illuminator-node" ]; then
        package illuminator-node "$architecture" node/packaging/debian
    elif [ $# -gt 0 ]; then
        echo "target/$made/node/illuminator-node is not there: build it with node/build.sh" >&2
        exit 1
    fi
    if [ -x "target/$made/node/illuminator-bridge" ]; then
        package illuminator-bridge "$architecture" node/bridge/packaging/debian
    fi
    if [ -n "$all_nodes" ] && [ -x "target/$made/release/controller" ] && own_controller >/dev/null; then
        package illuminator-controller "$architecture" controller/packaging
    fi
done
