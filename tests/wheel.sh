#!/usr/bin/env bash
# wheel.sh CONTROLLER PYTHON: installs the wheel of controller/python/build.sh into a new environment of this Python,
# without a network and without Rust, and does there what its users do: the main job, a sweep, checks, the examples in
# notebooks, and what is refused. Results are those of CONTROLLER, to the byte.
#
# The environment stays as target/wheel/environment, for the test that deploys from it (tests/deploy/installed.rs). What
# it needs of others is fetched beforehand, into target/wheel/needs. Needs root, unshare and ip; exit code 77: not to be
# had here.
set -euo pipefail
controller=$(realpath "$1") python=$(realpath -s "$2")
root=$(realpath "$(dirname "$0")/..")
needs=$root/target/wheel/needs
environment=$root/target/wheel/environment

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
skip() { printf '%s\n' "$*" >&2; exit 77; }

[ "$(id -u)" = 0 ] || skip "only root can do without a network"
for tool in unshare ip; do
    command -v "$tool" >/dev/null || skip "$tool is missing"
done
wheel=$(echo "$root"/target/wheel/illuminator_cluster-*manylinux*x86_64*.whl)
[ -e "$wheel" ] || fail "no wheel in target/wheel: run controller/python/build.sh"

# What the wheel names, and what executes notebooks.
if [ ! -e "$needs/complete" ]; then
    rm -rf "$needs"
    "$python" -m pip download --quiet --disable-pip-version-check --only-binary :all: --dest "$needs" \
        'pandas>=1.5' 'ruamel.yaml>=0.18' nbclient ipykernel || skip "PyPI is not to be had here"
    touch "$needs/complete"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$root/scenarios" "$work/scenarios"
rm -rf "$environment"
cd "$work"
"$controller" run scenarios/power-balance.yaml --quiet -o expected/run.csv
"$controller" sweep scenarios/power-balance.yaml --set 'Storage.max_energy=range(10,210,10)' --indicators totals \
    --quiet -o expected/table.csv

# Only the system's own programs are on the path, and no other machine can be reached.
alone() {
    env --ignore-environment PATH="$environment/bin:/usr/bin:/bin" HOME="$work" LANG=C.UTF-8 \
        unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@"
}
! alone sh -c 'command -v cargo' || skip "this system has Rust for everybody"

"$python" -m venv "$environment"
begun=$SECONDS
alone pip install --quiet --disable-pip-version-check --no-index --find-links "$needs" "$wheel" nbclient ipykernel
say "$(stat --format=%s "$wheel") bytes, installed in $((SECONDS - begun)) s: ${wheel##*/}"

alone controller --version
alone illuminator-bridge --version
alone controller run scenarios/power-balance.yaml --quiet -o run.csv
cmp expected/run.csv run.csv
alone controller sweep scenarios/power-balance.yaml --set 'Storage.max_energy=range(10,210,10)' --indicators totals \
    --quiet -o table.csv
cmp expected/table.csv table.csv
say "the main job and a sweep give the same bytes"

alone timeout 300 python3 -W error "$root/tests/wheel/module.py"
alone timeout 300 python3 "$root/tests/wheel/notebooks.py" scenarios/notebooks/*.ipynb
