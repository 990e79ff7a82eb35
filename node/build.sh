#!/usr/bin/env bash
# build.sh [--bridge | --init | --controller | --without-pins] [TARGET…]: static binaries of illuminator-node, of all
# targets below if none is named; with --bridge those of illuminator-bridge, with --init those of illuminator-init, the
# first process of a Pi that starts from an image (node/image/build.sh), and with --controller those of the controller.
#
#   x86_64-unknown-linux-musl        PCs
#   aarch64-unknown-linux-musl       Pi 3, 4, 5, 400 and Zero 2 W with a 64-bit system
#   armv7-unknown-linux-musleabihf   Pi 2, 3, 4 and Zero 2 W with a 32-bit system
#   arm-unknown-linux-musleabi       Pi 1, Zero and Zero W
#
# They land in target/TARGET/node/illuminator-node and illuminator-bridge; nodes without LEDs on pins (feature
# gpio) beside them as illuminator-node-without-pins, in whose making the others go: build those first. A controller is
# made to be fast, as cargo makes a release, and lands in target/TARGET/release. Rust's own linker does it, so no cross
# compiler is needed. Two things can come from two places each:
#
#   the standard library   compiled for size if the toolchain has its source (rustup component add
#                          rust-src), else as rustup has it, which makes a node half as large again
#   musl                   with the target (rustup target add TARGET), else from Debian's musl-dev; for
#                          ARMv6 from Debian if there is a source of the standard library, since short
#                          instructions need GCC's library beside it
#
# What cannot be built is named, and the rest is built. Exit code 77: something that a target needs is
# not to be had here; 1: a build failed.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(x86_64-unknown-linux-musl aarch64-unknown-linux-musl armv7-unknown-linux-musleabihf
    arm-unknown-linux-musleabi)
sysroot=$(rustc --print sysroot)
# ARMv6 has short instructions (Thumb) that need three quarters of the room, but no floats among them, nor
# what is atomic. These packages are on the way of a step, or of what is encrypted, and have the long ones.
long=(compiler_builtins libm postcard
    illuminator-engine illuminator-models illuminator-session illuminator-shared illuminator-transport
    blake2 chacha20 chacha20poly1305 cipher curve25519-dalek poly1305 snow)

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

# Flags for the processor of a target.
processor_flags() {
    case $1 in
    # All Pis with ARMv6 have this processor, and its floating-point unit.
    arm-unknown-linux-musleabi) printf '%s' "-C target-cpu=arm1176jzf-s" ;;
    esac
}

# Flags that make what is built for a target small.
size_flags() {
    local folder
    # A panic ends the process, so nobody needs the tables that are a seventh of the binary.
    printf '%s' "-C force-unwind-tables=no"
    # Who loads a program reads its segments, and nobody the table of sections.
    printf '%s' " -C link-arg=-znosectionheader"
    # Functions that became the same instructions are there once.
    printf '%s' " -C link-arg=--icf=all"
    # Functions that differ in constants alone are one.
    printf '%s' " -C llvm-args=-enable-global-merge-func"
    # musl needs its printf, which is 11 KB, where a thread gives a name to another one. Rust's threads
    # name themselves.
    printf '%s' " -C link-arg=--defsym=snprintf=abort"
    # A panic says where it was in so many words for each file of a library; where this machine keeps
    # them says nothing.
    printf '%s' " --remap-path-prefix=$sysroot/lib/rustlib/src/rust/library="
    for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
        printf '%s' " --remap-path-prefix=${folder%/}="
    done
    case $1 in
    aarch64-unknown-linux-musl)
        # What is atomic is done at its place, and not by functions that look for instructions which no Pi
        # before the 5 has.
        printf '%s' " -C target-feature=-outline-atomics"
        # What several functions have in common is there once, also in what is not compiled for size.
        # So it is again where what they have in common has something in common.
        printf '%s' " -C llvm-args=-enable-machine-outliner=always -C llvm-args=-machine-outliner-reruns=3"
        ;;
    # With short instructions where they do (Thumb-2): three quarters of the bytes, and about as many of them.
    armv7-unknown-linux-musleabihf) printf '%s' " -C target-feature=+thumb-mode" ;;
    arm-unknown-linux-musleabi)
        # It has the longest instructions of all: what several functions have in common is there once. (Not
        # with -machine-outliner-reruns: what LLVM 22 makes of ARM code then hangs.)
        printf '%s' " -C llvm-args=-enable-machine-outliner=always"
        # Short constants are beside who reads them. (-disable-lsr and -min-jump-table-entries=8 save 3 KB
        # more, and make a step longer.)
        printf '%s' " -C llvm-args=-arm-promote-constant"
        ;;
    esac
}

# Brings Debian's musl for a target into a folder: start files, libc.a, GCC's unwinder under the name that
# Rust's standard library looks for, and as the last one GCC's library, which shows that all are there.
fetch_musl() {
    local target=$1 folder=$2 unpacked=$2.unpacked
    rm -rf "$folder" "$unpacked"
    node/packaging/unpack-debian "$(debian_architecture "$target")" "$unpacked" \
        musl-dev libgcc-12-dev || return
    mkdir -p "$folder"
    cp "$unpacked"/usr/lib/*-linux-musl*/{crt1.o,crti.o,crtn.o,libc.a} "$folder" || return
    cp "$unpacked"/usr/lib/gcc/*/12/libgcc_eh.a "$folder/libunwind.a" || return
    mv "$unpacked"/usr/lib/gcc/*/12/libgcc.a "$folder" || return
    rm -r "$unpacked"
}

# Whether Debian's musl for a target is in a folder; brings it there.
has_musl() { [ -e "$2/libgcc.a" ] || fetch_musl "$1" "$2"; }

# What cargo needs to be told for short instructions in all packages but some.
short_instructions() {
    local package
    echo -Zprofile-rustflags
    echo '--config=profile.node.rustflags=["-Ctarget-feature=+thumb-mode"]'
    for package in "${long[@]}"; do
        echo "--config=profile.node.package.$package.rustflags=[\"-Ctarget-feature=-thumb-mode\"]"
    done
}

# Whether the toolchain has a target with its standard library and musl; asks rustup for it.
has_target() {
    local library=$sysroot/lib/rustlib/$1/lib
    [ -d "$library/self-contained" ] && return
    if command -v rustup >/dev/null; then rustup target add "$1" >/dev/null 2>&1 || true; fi
    [ -d "$library/self-contained" ]
}

# Whether the toolchain's musl reads a packed table of relocations, as it does from 1.2.4 on.
reads_packed() {
    grep -azqE '1\.2\.([4-9]|[1-9][0-9])$' "$sysroot/lib/rustlib/$1/lib/self-contained/libc.a"
}

# Whether the toolchain has the source of the standard library; asks rustup for it.
has_source() {
    local source=$sysroot/lib/rustlib/src/rust/library/Cargo.lock
    [ -e "$source" ] && return
    if command -v rustup >/dev/null; then rustup component add rust-src >/dev/null 2>&1 || true; fi
    [ -e "$source" ]
}

is_static() {
    ! readelf --program-headers "$1" | grep -q INTERP && ! readelf --dynamic "$1" | grep -q NEEDED
}

# Builds one target. What it cannot build it names, with the reason.
build() {
    local target=$1 flags musl=$PWD/target/musl/$1 short='' variable symbol arguments=()
    if ! debian_architecture "$target" >/dev/null; then
        say "$target is none of: ${all[*]}"
        return 2
    fi
    if [ "$profile" = release ]; then
        flags=$(processor_flags "$target")
        # The standard library is as rustup has it, else it is compiled.
        if ! has_target "$target" && has_source; then
            arguments=("-Zbuild-std=std,panic_abort")
            export RUSTC_BOOTSTRAP=1
        fi
    else
        flags="$(processor_flags "$target") $(size_flags "$target")"
    fi
    if [ "$profile" = node ] && has_source; then
        # Without its feature backtrace it never shows one, and yet it holds what walks the stack for it:
        # with GCC's or LLVM's unwinder that is 5 KB for ARM with 32 bits, and 57 KB for a PC.
        arguments=("-Zbuild-std=std,panic_abort" -Zbuild-std-features=optimize_for_size)
        for symbol in _Unwind_Backtrace _Unwind_GetIP _Unwind_VRS_Get; do
            flags+=" -C link-arg=--defsym=$symbol=abort"
        done
        # A panic says what happened, and not in which line: those names and numbers are 20 KB.
        flags+=" -Zlocation-detail=none"
        # What is derived for those who debug shows no more than the name of a type.
        flags+=" -Zfmt-debug=shallow"
        export RUSTC_BOOTSTRAP=1
        case $target in arm-unknown-linux-musleabi)
            if has_musl "$target" "$musl"; then
                short=yes
                mapfile -t -O "${#arguments[@]}" arguments < <(short_instructions)
                # Short instructions ask GCC's library for what is atomic.
                flags+=" -C link-arg=$musl/libgcc.a"
            else
                say "$target: Debian is out of reach, so the program has long instructions only and is larger"
            fi
        esac
    fi
    if [ -z "$short" ] && has_target "$target"; then
        # The node lies at another address each time it starts. What has to be adapted to that is a table
        # of 45 KB, or of 1 KB.
        if [ "$profile" = node ] && reads_packed "$target"; then flags+=" -C link-arg=--pack-dyn-relocs=relr"; fi
        if [ "$profile" = node ] && [ ${#arguments[@]} -eq 0 ]; then
            say "$target: no rust-src here, so the standard library is as rustup has it, and the program" \
                "half as large again as need be"
        fi
    elif [ ${#arguments[@]} -eq 0 ]; then
        say "$target: rustup has neither this target nor rust-src here"
        return 77
    else
        if ! has_musl "$target" "$musl"; then
            say "$target: neither rustup nor Debian has musl for it here"
            return 77
        fi
        flags+=" -C link-self-contained=no -C linker-flavor=ld.lld -C relocation-model=static"
        flags+=" -L native=$musl"
        # GCC's unwinder asks glibc for tables if it has to unwind, which never happens.
        flags+=" -C link-arg=--defsym=_dl_find_object=0"
        flags+=" -C link-arg=$musl/crt1.o -C link-arg=$musl/crti.o -C link-arg=$musl/crtn.o"
    fi
    variable=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$target")
    # Flags of the caller would take the place of those of the target.
    env -u RUSTFLAGS "${variable}_LINKER=rust-lld" "${variable}_RUSTFLAGS=$flags" \
        cargo build --profile "$profile" --locked --package "$package" --bin "$binary" --target "$target" \
        "${features[@]}" "${arguments[@]}" || return
    if ! is_static "target/$target/$profile/$binary"; then
        say "$target: the binary is not static"
        return 1
    fi
    [ "$name" != "$binary" ] || return 0
    # An earlier build may be the same file under both names, which mv refuses.
    rm -f "target/$target/$profile/$name"
    mv "target/$target/$profile/$binary" "target/$target/$profile/$name"
}

package=illuminator-node profile=node features=()
case ${1-} in
--bridge)
    package=illuminator-bridge
    shift
    ;;
--init)
    package=illuminator-init
    shift
    ;;
--controller)
    package=illuminator-controller binary=controller profile=release
    shift
    ;;
--without-pins)
    name=illuminator-node-without-pins features=(--no-default-features)
    shift
    ;;
esac
# The program is called as its package is, and stays so, unless it was said otherwise.
binary=${binary:-$package} name=${name:-${binary:-$package}}
targets=("$@")
[ $# -gt 0 ] || targets=("${all[@]}")
built=() failed=() code=0
for target in "${targets[@]}"; do
    build "$target" && outcome=0 || outcome=$?
    case $outcome in
    0) built+=("$target") ;;
    77) failed+=("$target") && code=$((code == 0 ? 77 : code)) ;;
    *) failed+=("$target") && code=1 ;;
    esac
done
for target in "${built[@]}"; do
    path=target/$target/$profile/$name
    printf '%8d bytes  %s\n' "$(stat --format=%s "$path")" "$path"
done
[ ${#failed[@]} -eq 0 ] || say "not built: ${failed[*]}"
exit $code
