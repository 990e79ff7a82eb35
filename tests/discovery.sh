#!/usr/bin/env bash
# discovery.sh CONTROLLER NODE: two machines of its own, in network namespaces with a cable between
# them. On one a node serves and Avahi announces it, as `controller deploy` and the Debian package set
# it up; on the other `controller nodes --discover` finds it, without Avahi and beside one. Needs root.
# Exit code 77: something that this needs is not to be had here.
set -euo pipefail
export LC_ALL=C
controller=$(realpath "$1")
node=$(realpath "$2")
cd "$(dirname "$0")/.."

skip() { printf '%s\n' "$*" >&2; exit 77; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || skip "only root can make network namespaces"
for tool in ip avahi-daemon dbus-daemon unshare; do
    command -v "$tool" >/dev/null || skip "$tool is missing"
done

name=illuminator-$$
scratch=$(mktemp -d)
processes=()
# Ends what this script started, by its process id, and takes the namespaces away.
finish() {
    for process in "${processes[@]}"; do kill "$process" 2>/dev/null || true; done
    for process in "${processes[@]}"; do wait "$process" 2>/dev/null || true; done
    for machine in pi laptop; do ip netns delete "$name-$machine" 2>/dev/null || true; done
    rm -rf "$scratch"
}
trap finish EXIT

ip netns add "$name-pi"
ip netns add "$name-laptop"
ip -netns "$name-pi" link add cable type veth peer name cable netns "$name-laptop"
for machine in pi:10.98.0.1 laptop:10.98.0.2; do
    ip -netns "$name-${machine%:*}" address add "${machine#*:}/24" dev cable
    ip -netns "$name-${machine%:*}" link set cable up
    ip -netns "$name-${machine%:*}" link set lo up
done

# machine NAME COMMAND…: runs a command on a machine, with a message bus and services of its own.
machine() {
    local machine=$1
    shift
    mkdir -p "$scratch/$machine"/{run/dbus,services}
    ip netns exec "$name-$machine" unshare --mount sh -c '
        mount --bind "$0/run" /run && mount --bind "$0/services" /etc/avahi/services && exec "$@"
    ' "$scratch/$machine" "$@"
}

# until_true WHAT COMMAND…: waits for something, within bounds.
until_true() {
    local what=$1
    shift
    for _ in $(seq 100); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    cat "$scratch"/*.log >&2 || true
    fail "it did not come: $what"
}

"$controller" key new --key "$scratch/cluster.key" >/dev/null
mkdir -p "$scratch"/{pi,laptop}/services
sed "s/@VERSION@/0/; s/@PORT@/5123/" node/packaging/avahi.service \
    >"$scratch/pi/services/illuminator.service"
# start_avahi MACHINE: starts its message bus, and Avahi on it.
start_avahi() {
    local machine=$1
    machine "$machine" dbus-daemon --system --nofork --nopidfile >"$scratch/$machine-dbus.log" 2>&1 &
    processes+=($!)
    until_true "the message bus of $machine" test -S "$scratch/$machine/run/dbus/system_bus_socket"
    # Both machines have this one's host name; Avahi settles that by itself.
    machine "$machine" avahi-daemon --no-drop-root --no-chroot --no-rlimits \
        >"$scratch/$machine-avahi.log" 2>&1 &
    processes+=($!)
    until_true "Avahi on $machine" grep -q "Server startup complete" "$scratch/$machine-avahi.log"
}

start_avahi pi
machine pi "$node" serve --listen 10.98.0.1:5123 --key "$scratch/cluster.key" \
    >"$scratch/node.log" 2>&1 &
processes+=($!)
until_true "the node" grep -q "listens on" "$scratch/node.log"

found() {
    machine laptop "$controller" nodes --discover --key "$scratch/cluster.key" >"$scratch/found" &&
        grep -q "10.98.0.1:5123" "$scratch/found"
}
until_true "the node among those found" found
cat "$scratch/found"
start_avahi laptop
until_true "the node among those found beside Avahi" found
