#!/usr/bin/env bash
# build.sh [TARGET [OPTION…]]: the wheel illuminator-cluster for a target, else for Linux on PCs, built with these options
# of cargo. It lands in target/wheel.
#
#   x86_64-unknown-linux-musl     Linux on PCs, whatever its libc
#   aarch64-unknown-linux-musl    Linux on ARM with 64 bits
#   x86_64-pc-windows-gnu         Windows; needs mingw-w64
#   aarch64-apple-darwin          macOS on Apple's processors
#   x86_64-apple-darwin           macOS on Intel's
#
# In it are the controller and the module for Python, which maturin packs; and from target/wheel/data the bridge, a node
# for each processor, and the licences of what is in all of them. Nodes are in each wheel, as they are for Pis whatever
# deploys them. maturin builds one crate, so
# all the others are files to it. Build before: 'node/build.sh', and for Linux 'node/build.sh --bridge TARGET'. It runs in
# the Bash of macOS as well, which takes an empty list for one that is not set.
#
# MATURIN names a maturin from 1.9 on that is not on the path. Exit code 77: something is not to be had here.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${1:-x86_64-unknown-linux-musl} options=("${@:2}")
maturin=${MATURIN:-maturin}
data=target/wheel/data
limit=15000000

fail() { printf '%s\n' "$*" >&2; exit 1; }
skip() { printf '%s\n' "$*" >&2; exit 77; }

# tell VARIABLE VALUE: tells cargo something about the target, unless somebody has done so.
tell() {
    local variable
    variable=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$target")_$1
    export "$variable=${!variable:-$2}"
}

command -v "$maturin" >/dev/null || skip "maturin is missing: pip install maturin"
ending='' compatibility=()
case $target in
*-linux-musl)
    compatibility=(--compatibility manylinux2014 musllinux_1_1)
    # Rust's own linker does for both, so that no cross compiler is needed.
    tell LINKER rust-lld
    ;;
*-windows-*) ending=.exe ;;
*-apple-darwin)
    # A Mac has Apple's linker and SDK.
    if [ "$(uname)" != Darwin ]; then
        tell LINKER rust-lld
        # Libraries of which nothing is used are not asked for.
        tell RUSTFLAGS "-C link-arg=-dead_strip_dylibs"
        controller/packaging/macos-sdk.sh target/wheel/macos
        export SDKROOT=$PWD/target/wheel/macos
    fi
    ;;
*) fail "no wheels for $target; those for whom there are some are listed in $0" ;;
esac
[ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || rustup target add "$target" ||
    skip "rustup does not have $target here"

rm -rf "$data"
mkdir -p "$data/data/lib/illuminator/nodes" "$data/scripts"
programs=("illuminator-controller:$target" "illuminator-bridge:$target")
for made in x86_64-unknown-linux-musl aarch64-unknown-linux-musl armv7-unknown-linux-musleabihf \
    arm-unknown-linux-musleabi; do
    node=target/$made/node/illuminator-node
    [ -x "$node" ] || skip "$node is not there: build it with node/build.sh $made"
    cp "$node" "$data/data/lib/illuminator/nodes/illuminator-node-$made"
    programs+=("illuminator-node:$made")
done
controller/packaging/licences.py "$data/data/share/doc/illuminator-cluster/LICENCES.txt" "${programs[@]}"
case $target in
*-linux-musl) bridge=target/$target/node/illuminator-bridge ;;
*)
    cargo build --release --locked --target "$target" --package illuminator-bridge \
        ${options[@]+"${options[@]}"}
    bridge=target/$target/release/illuminator-bridge$ending
    ;;
esac
[ -x "$bridge" ] || skip "$bridge is not there: build it with node/build.sh --bridge $target"
cp "$bridge" "$data/scripts/"

rm -f target/wheel/*.whl
(cd controller/python && "$maturin" build --release --locked --target "$target" ${compatibility[@]+"${compatibility[@]}"} \
    ${options[@]+"${options[@]}"} --out ../../target/wheel)
for wheel in target/wheel/*.whl; do
    size=$(wc -c <"$wheel")
    printf '%8d of %d bytes  %s\n' "$size" "$limit" "$wheel"
    [ "$size" -le "$limit" ] || fail "the wheel is too large"
done
