#!/usr/bin/env bash
# macos-sdk.sh FOLDER: makes in FOLDER what a linker has to know of a Mac's libraries, where they are and which functions they
# have, in place of Apple's SDK. With it Rust's own linker makes programs for Macs on other systems:
#
#   SDKROOT=FOLDER CARGO_TARGET_AARCH64_APPLE_DARWIN_LINKER=rust-lld cargo build --target aarch64-apple-darwin
#
# libSystem is what every program for macOS is linked with; its functions are in macos-functions beside this file. The
# others are named by crates, whose code for them is left away again.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=${1:?say into which folder}

# library PLACE FILE FUNCTION…: that FILE of a Mac has these functions, for who asks for it at PLACE.
library() {
    local place=$folder/$1 file=$2 functions
    shift 2
    functions=$(IFS=, && printf '%s' "$*")
    mkdir -p "$(dirname "$place")"
    cat >"$place" <<END
--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos, arm64-macos ]
install-name: '$file'
exports:
  - targets: [ x86_64-macos, arm64-macos ]
    symbols: [ $functions ]
...
END
}

rm -rf "$folder"
mapfile -t functions < <(grep --invert-match '^#' "$here/macos-functions")
# The libraries of C and of mathematics are in it, under names of their own.
for name in libSystem libc libm; do
    library "usr/lib/$name.tbd" /usr/lib/libSystem.B.dylib "${functions[@]}"
done
library usr/lib/libiconv.tbd /usr/lib/libiconv.2.dylib _iconv _iconv_close _iconv_open
library System/Library/Frameworks/CoreFoundation.framework/CoreFoundation.tbd \
    /System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation \
    _CFRelease _CFStringGetBytes _CFStringGetCStringPtr _CFStringGetLength _CFTimeZoneCopySystem _CFTimeZoneGetName \
    _CFTimeZoneResetSystem
