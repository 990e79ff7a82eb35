#!/usr/bin/env bash
# archive.sh TARGET: the controller for a target as an archive, with the nodes and bridges that 'controller deploy' puts on
# others in the folder where it looks for them, and the licences of what is in all of them. It lands in target/archives.
#
# Build before: cargo build --release --locked --package illuminator-controller --target TARGET, and 'node/build.sh'. For
# Macs controller/python/build.sh does the first. Bridges are those that are there: node/build.sh --bridge. It runs on Linux
# and macOS.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${1:?say for which target}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
name=illuminator-$version-$target
folder=target/archives/$name
ending=''
case $target in *-windows-*) ending=.exe ;; esac

rm -rf "$folder"
mkdir -p "$folder/nodes"
cp "target/$target/release/controller$ending" LICENSE "$folder"
programs=("illuminator-controller:$target")
for made in x86_64-unknown-linux-musl aarch64-unknown-linux-musl armv7-unknown-linux-musleabihf \
    arm-unknown-linux-musleabi; do
    cp "target/$made/node/illuminator-node" "$folder/nodes/illuminator-node-$made"
    programs+=("illuminator-node:$made")
    if [ -e "target/$made/node/illuminator-bridge" ]; then
        cp "target/$made/node/illuminator-bridge" "$folder/nodes/illuminator-bridge-$made"
        programs+=("illuminator-bridge:$made")
    fi
done
controller/packaging/licences.py "$folder/LICENCES.txt" "${programs[@]}"
case $target in
*-windows-*) (cd target/archives && python3 -m zipfile --create "$name.zip" "$name") ;;
*) tar -C target/archives -czf "target/archives/$name.tar.gz" "$name" ;;
esac
rm -r "$folder"
