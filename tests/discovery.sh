#!/usr/bin/env bash
# discovery.sh CONTROLLER NODE: machines of its own, in network namespaces with a cable each to a switch.
# On one a node serves and Avahi announces it, as `controller deploy` and the Debian package set it up; on
# two others nodes announce themselves. `controller nodes --discover` finds each once, without Avahi and
# beside one; nodes that end say goodbye, and one whose Avahi ends speaks for itself. Needs root.
# Exit code 77: something that this needs is not to be had here.
set -euo pipefail
export LC_ALL=C
controller=$(realpath "$1")
node=$(realpath "$2")
cd "$(dirname "$0")/.."

skip() { printf '%s\n' "$*" >&2; exit 77; }
fail() { cat "$scratch"/*.log >&2 || true; printf '%s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || skip "only root can make network namespaces"
for tool in ip avahi-daemon dbus-daemon unshare python3; do
    command -v "$tool" >/dev/null || skip "$tool is missing"
done

name=illuminator-$$
scratch=$(mktemp -d)
. tests/processes.sh
tenths=100
# Machines, with their addresses.
machines=(pi:10.98.0.1 laptop:10.98.0.2 first:10.98.0.3 second:10.98.0.4)
# Ends what this script started, by its process id, and takes the namespaces away.
finish() {
    end_processes
    for machine in "${machines[@]}" switch:; do
        ip netns delete "$name-${machine%:*}" 2>/dev/null || true
    done
    rm -rf "$scratch"
}
trap finish EXIT

ip netns add "$name-switch"
ip -netns "$name-switch" link add lan type bridge
ip -netns "$name-switch" link set lan up
for machine in "${machines[@]}"; do
    namespace=$name-${machine%:*}
    ip netns add "$namespace"
    ip -netns "$namespace" link add cable type veth peer name "${machine%:*}" netns "$name-switch"
    ip -netns "$name-switch" link set "${machine%:*}" master lan up
    ip -netns "$namespace" address add "${machine#*:}/24" dev cable
    ip -netns "$namespace" link set cable up
    ip -netns "$namespace" link set lo up
done

# machine NAME COMMAND…: runs a command on a machine, with a message bus and services of its own.
machine() {
    local machine=$1
    shift
    mkdir -p "$scratch/$machine"/{run/dbus,services}
    exec ip netns exec "$name-$machine" unshare --mount sh -c '
        mount --bind "$0/run" /run && mount --bind "$0/services" /etc/avahi/services && exec "$@"
    ' "$scratch/$machine" "$@"
}

"$controller" key new --key "$scratch/cluster.key" >/dev/null
mkdir -p "$scratch"/{pi,laptop}/services
sed "s/@VERSION@/0/; s/@PORT@/5123/" node/packaging/avahi.service \
    >"$scratch/pi/services/illuminator.service"
# start_avahi MACHINE: starts its message bus, and Avahi on it. `avahi` is the process of that.
start_avahi() {
    local machine=$1
    machine "$machine" dbus-daemon --system --nofork --nopidfile >"$scratch/$machine-dbus.log" 2>&1 &
    processes+=($!)
    until_true "the message bus of $machine" test -S "$scratch/$machine/run/dbus/system_bus_socket"
    # All machines have this one's host name; Avahi settles that by itself.
    machine "$machine" avahi-daemon --no-drop-root --no-chroot --no-rlimits \
        >"$scratch/$machine-avahi.log" 2>&1 &
    avahi=$!
    processes+=("$avahi")
    until_true "Avahi on $machine" grep -q "Server startup complete" "$scratch/$machine-avahi.log"
}

# start_node MACHINE LISTEN [OPTION…]: `serving` is its process.
start_node() {
    local machine=$1 listen=$2
    shift 2
    machine "$machine" "$node" serve --listen "$listen" --key "$scratch/cluster.key" "$@" \
        >"$scratch/$machine-node.log" 2>&1 &
    serving=$!
    processes+=("$serving")
    until_true "the node on $machine" grep -q "listens on" "$scratch/$machine-node.log"
}

says() { grep -q "$2" "$scratch/$1-node.log"; }

# found ADDRESS…: whether exactly these nodes are found.
found() {
    (machine laptop "$controller" nodes --discover --key "$scratch/cluster.key") >"$scratch/found" || return
    [ "$(sed -n 's/^\(10\.[0-9.]*:[0-9]*\) .*/\1/p' "$scratch/found" | sort)" = "$(printf '%s\n' "$@")" ]
}

# hear_goodbye ADDRESS: a machine that hears what is said to all, until the node there says goodbye.
hear_goodbye() {
    machine laptop python3 -c '
import socket, struct, sys
hears = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
hears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
hears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
hears.bind(("", 5353))
group = socket.inet_aton("224.0.0.251") + socket.inet_aton("10.98.0.2")
hears.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
hears.settimeout(30)
print("hears", flush=True)
while True:
    packet, (address, _) = hears.recvfrom(9000)
    # The name of the service, PTR, Internet, for no time any more.
    gone = b"\x0c_illuminator\x04_tcp\x05local\0\0\x0c\0\x01\0\0\0\0"
    if address == sys.argv[1] and gone in packet:
        break
' "$1" >"$scratch/goodbye.log" 2>&1 &
    hearing=$!
    processes+=("$hearing")
    until_true "who hears" grep -q hears "$scratch/goodbye.log"
}

start_avahi pi
pi_avahi=$avahi
start_node pi 10.98.0.1:5123
start_node first '[::]:5123'
start_node second 10.98.0.4:7700 --listen 127.0.0.1:5123
second=$serving
three=(10.98.0.1:5123 10.98.0.3:5123 10.98.0.4:7700)
until_true "the nodes among those found" found "${three[@]}"
cat "$scratch/found"
for machine in first second; do
    says "$machine" "announced as 'Illuminator node on" || fail "$machine does not say that it is announced"
done
says pi announced && fail "a node that Avahi announces announces itself as well"

start_avahi laptop
until_true "the nodes among those found beside Avahi" found "${three[@]}"

hear_goodbye 10.98.0.4
kill "$second"
wait "$hearing" || fail "a node that ends does not say goodbye"
wait "$second" || true
until_true "all but the one that has ended" found "${three[@]:0:2}"

# Where Avahi ends, the node speaks for itself, and keeps still again when it is back.
kill "$pi_avahi"
wait "$pi_avahi" || true
until_true "the node that speaks for itself" says pi announced
until_true "the node without its Avahi" found "${three[@]:0:2}"
hear_goodbye 10.98.0.1
start_avahi pi
wait "$hearing" || fail "a node that Avahi announces again does not say goodbye"
until_true "the node with Avahi again" found "${three[@]:0:2}"

# Who wants no announcement has none.
start_node second 10.98.0.4:7700 --no-announce
until_true "the node that is announced" found "${three[@]:0:2}"
says second announced && fail "a node that is not to be announced is"
exit 0
