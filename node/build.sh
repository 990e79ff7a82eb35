#!/usr/bin/env bash
# build.sh [TARGET…]: static binaries of illuminator-node, of all targets below if none is named.
#
#   x86_64-unknown-linux-musl        PCs
#   aarch64-unknown-linux-musl       Pi 3, 4, 5, 400 and Zero 2 W with a 64-bit system
#   armv7-unknown-linux-musleabihf   Pi 2, 3, 4 and Zero 2 W with a 32-bit system
#   arm-unknown-linux-musleabi       Pi 1, Zero and Zero W
#
# They land in target/TARGET/node/illuminator-node. Rust's own linker does it, so no cross compiler is
# needed. Two things can come from two places each:
#
#   the standard library   compiled for size if the toolchain has its source (rustup component add
#                          rust-src), else as rustup has it, which makes the node a third larger
#   musl                   with the target (rustup target add TARGET), else from Debian's musl-dev
#
# What cannot be built here is named, the rest is built, and the exit code is 1.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(x86_64-unknown-linux-musl aarch64-unknown-linux-musl armv7-unknown-linux-musleabihf
    arm-unknown-linux-musleabi)
sysroot=$(rustc --print sysroot)

say() { printf '%s\n' "$*" >&2; }

# The name that Debian gives to the processor of a target.
debian_architecture() {
    case $1 in
    x86_64-unknown-linux-musl) echo amd64 ;;
    aarch64-unknown-linux-musl) echo arm64 ;;
    armv7-unknown-linux-musleabihf) echo armhf ;;
    arm-unknown-linux-musleabi) echo armel ;;
    *) return 1 ;;
    esac
}

# Flags for a target beyond its defaults.
target_flags() {
    case $1 in
    # All Pis with ARMv6 have this processor, and its floating-point unit.
    arm-unknown-linux-musleabi) echo "-C target-cpu=arm1176jzf-s" ;;
    esac
}

# Brings Debian's musl for a target into a folder: start files, libc.a, and GCC's unwinder under the
# name that Rust's standard library looks for.
fetch_musl() {
    local target=$1 folder=$2 unpacked=$2.unpacked
    rm -rf "$folder" "$unpacked"
    node/packaging/unpack-debian "$(debian_architecture "$target")" "$unpacked" \
        musl-dev libgcc-12-dev || return
    mkdir -p "$folder"
    cp "$unpacked"/usr/lib/*-linux-musl*/{crt1.o,crti.o,crtn.o,libc.a} "$folder" || return
    cp "$unpacked"/usr/lib/gcc/*/12/libgcc_eh.a "$folder/libunwind.a" || return
    rm -r "$unpacked"
    touch "$folder/complete"
}

# Whether the toolchain has a target with its standard library and musl; asks rustup for it.
has_target() {
    local library=$sysroot/lib/rustlib/$1/lib
    [ -d "$library/self-contained" ] && return
    command -v rustup >/dev/null && rustup target add "$1" >&2 2>/dev/null || true
    [ -d "$library/self-contained" ]
}

# Whether the toolchain has the source of the standard library; asks rustup for it.
has_source() {
    local source=$sysroot/lib/rustlib/src/rust/library/Cargo.lock
    [ -e "$source" ] && return
    command -v rustup >/dev/null && rustup component add rust-src >&2 2>/dev/null || true
    [ -e "$source" ]
}

is_static() {
    ! readelf --program-headers "$1" | grep -q INTERP && ! readelf --dynamic "$1" | grep -q NEEDED
}

# Builds one target; says why not if it fails.
build() {
    local target=$1 flags musl variable arguments=()
    if ! debian_architecture "$target" >/dev/null; then
        say "$target is none of: ${all[*]}"
        return 1
    fi
    flags=$(target_flags "$target")
    if has_source; then
        arguments=(-Zbuild-std=std,panic_abort -Zbuild-std-features=)
        export RUSTC_BOOTSTRAP=1
    fi
    if ! has_target "$target"; then
        if [ ${#arguments[@]} -eq 0 ]; then
            say "$target: rustup has neither this target nor rust-src here"
            return 1
        fi
        musl=$PWD/target/musl/$target
        if [ ! -e "$musl/complete" ] && ! fetch_musl "$target" "$musl"; then
            say "$target: neither rustup nor Debian has musl for it here"
            return 1
        fi
        flags+=" -C link-self-contained=no -C linker-flavor=ld.lld -C relocation-model=static"
        flags+=" -L native=$musl"
        flags+=" -C link-arg=$musl/crt1.o -C link-arg=$musl/crti.o -C link-arg=$musl/crtn.o"
    elif [ ${#arguments[@]} -eq 0 ]; then
        say "$target: no rust-src here, so the node has the standard library as rustup has it and" \
            "is larger than need be"
    fi
    variable=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$target")
    # Flags of the caller would take the place of those of the target.
    env -u RUSTFLAGS "${variable}_LINKER=rust-lld" "${variable}_RUSTFLAGS=$flags" \
        cargo build --profile node --locked --package illuminator-node --target "$target" \
        "${arguments[@]}" || return
    if ! is_static "target/$target/node/illuminator-node"; then
        say "$target: the binary is not static"
        return 1
    fi
}

targets=("$@")
[ $# -gt 0 ] || targets=("${all[@]}")
built=() failed=()
for target in "${targets[@]}"; do
    if build "$target"; then built+=("$target"); else failed+=("$target"); fi
done
for target in "${built[@]}"; do
    node=target/$target/node/illuminator-node
    printf '%8d bytes  %s\n' "$(stat --format=%s "$node")" "$node"
done
if [ ${#failed[@]} -gt 0 ]; then
    say "not built: ${failed[*]}"
    exit 1
fi
