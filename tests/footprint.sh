#!/usr/bin/env bash
# footprint.sh CONTROLLER NODE: the resident memory of a static node of this machine's processor, idle and
# with 100 models (footprint/scenario.sh), in kB; fails where it is above its limit.
#
# The two rows are for the table of .ci/run. A run in the controller gives the same result, to the byte.
set -euo pipefail
export LC_ALL=C
controller=$(realpath "$1") node=$(realpath "$2")
cd "$(dirname "$0")/.."

. tests/footprint/limits.sh

work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT

"$node" serve --insecure --quiet --listen 127.0.0.1:0 >"$work/said" &
pid=$!
for ((attempt = 0; attempt < 100; attempt++)); do
    [ ! -s "$work/said" ] || break
    sleep 0.05
done
port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\)$/\1/p' "$work/said")
[ -n "$port" ] || { echo "the node does not listen: $(cat "$work/said")" >&2; exit 1; }

# The exact number now, and the most that there was so far, which the system counts in larger steps.
resident() { awk '$1 == "Rss:" { print $2 }' "/proc/$pid/smaps_rollup"; }
peak() { awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status"; }

# Where huge pages are the default, they would come and go by chance.
if grep -q '^THP_enabled:.*1' "/proc/$pid/status"; then
    echo "the node does not keep its pages small" >&2
    exit 1
fi
idle=$(resident)
tests/footprint/scenario.sh "$work" 127.0.0.1 "$port"
cd "$work"
"$controller" run --quiet --local hundred.yaml --output here.csv
"$controller" run --quiet hundred.yaml --output there.csv &
run=$!
busy=0
while kill -0 "$run" 2>/dev/null; do
    now=$(resident)
    busy=$((now > busy ? now : busy))
    sleep 0.01
done
wait "$run"
cmp here.csv there.csv
highest=$(peak)
busy=$((highest > busy ? highest : busy))
check_memory "$(uname -m), idle" "$idle" "$IDLE_LIMIT"
check_memory "$(uname -m), with 100 models" "$busy" "$BUSY_LIMIT"
