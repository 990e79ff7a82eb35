#!/usr/bin/env bash
# sbom.sh: what controllers, nodes, bridges and the first process of a card's image are made of, as lists in the form of
# CycloneDX, a file for each program: crates with version, licence and checksum, for all systems. They land in target/sbom.
# Needs cargo-cyclonedx, which it installs where it is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo cyclonedx --help >/dev/null 2>&1 || cargo install cargo-cyclonedx@0.5.9 --locked --debug
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
made() { find . -name '*_bin.cdx.json' -not -path './target/*' "$@"; }

# They land beside the crates, those of what is not released as well.
made -delete
cargo cyclonedx --format json --spec-version 1.5 --describe binaries \
    --target all --no-build-deps --quiet
mkdir -p target/sbom
for program in controller/controller node/illuminator-node node/bridge/illuminator-bridge node/image/init/illuminator-init; do
    name=${program##*/}
    # Where the checkout is on this machine is nobody's business.
    sed "s#$PWD/#./#g; s#$PWD#.#g" "${program}_bin.cdx.json" >"target/sbom/illuminator-${name#illuminator-}-$version.cdx.json"
done
made -delete
ls -l target/sbom
