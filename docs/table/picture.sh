#!/bin/sh
# Makes docs/table.svg: a real run on five nodes of this machine, at two ticks a second, with simulated boards in
# the place of cables, which are plugged and pulled as docs/table/visit.txt says.
set -eu
cd "$(dirname "$0")/../.."
cargo build --quiet --release -p illuminator-controller -p illuminator-node -p illuminator-boards
bin=target/release
work=$(mktemp -d)
nodes=
cleanup() {
    for node in $nodes; do kill "$node" 2>/dev/null || true; done
    wait
    rm -r "$work"
}
trap cleanup EXIT
for unit in house sun wind battery grid campus; do mkdir -p "$work/$unit"; done
number=0
cp scenarios/table-cluster.yaml "$work/table.yaml"
for unit in house sun wind battery grid; do
    number=$((number + 1))
    "$bin/illuminator-node" serve --quiet --listen "127.0.0.$number:6123" --devices "$work/$unit" >"$work/node-$unit.log" 2>&1 &
    nodes="$nodes $!"
    sed -i "s/ip: '127.0.0.$number', port: 5123/ip: '127.0.0.$number', port: 6123/" "$work/table.yaml"
done
"$bin/boards" "$work" docs/table/visit.txt docs/table.svg >"$work/events.csv" &
boards=$!
"$bin/controller" run "$work/table.yaml" --pace 2/s --wait 10 --devices "$work/campus" --output "$work/table.csv" --no-record \
    >"$work/run.log" 2>&1 </dev/null &
run=$!
wait "$boards"
kill -TERM "$run" || { cat "$work/run.log"; exit 1; }
wait "$run" || true
cat "$work/run.log"
