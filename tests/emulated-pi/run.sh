#!/usr/bin/env bash
# run.sh [--pi 1 | 2 | 3] [SCENARIO…]: runs scenarios on an emulated Raspberry Pi 3, the examples for clusters if none is
# named, and compares every result with that of a run on this machine, to the byte. Before, during and
# after runs it looks at the LEDs in the registers of the Pi's pins. In the end it runs 100 models; the
# node's memory has limits while it waits and then. A cable's board is plugged in behind a USB serial adapter
# while the node waits. The Pi is switched off in the middle of a run and on again, and the run goes on on it
# (power.sh). Last of all, it is switched off at random moments, SWITCH_OFFS times (5), and always starts again.
# After all of that the card has the bytes that it had (card.sh). In the end its node is updated over the protocol (update.sh).
#
# A Pi 1 A+ and a Pi 2 start from a card for 32 bits, with a kernel each. With a node that is the same otherwise they have a
# minute: LEDs, cable, one scenario and those that are named, memory while they wait, whether 'deploy' knows their node, and
# the bytes of the card.
#
# The Pi starts from a card that 'controller image' made of the image of node/image/build.sh. QEMU takes the place of
# the firmware: it is given the files that the card has for it. Beside what is on the card there is an observer, who
# says how much memory the node has, and asks the board who it is (observer beside this file). The watchdog
# stays off: QEMU's Pi starts anew as soon as it is switched on. Models that a scenario gives to any node all run on
# the Pi. What is fetched from Debian stays in target/emulated-pi and target/image. Exit code 77: something that
# this needs is not to be had here.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."

port=25123                      # of this machine, handed to port 5123 of the Pi
patience=120                    # s until the Pi must answer
cache=$PWD/target/emulated-pi
testing="rdinit=/observer module_blacklist=bcm2835_wdt"
board=3                         # the id of the cable that is plugged in
first=scenarios/power-balance-cluster.yaml
image=$PWD/target/release/illuminator-image
# ILLUMINATOR_CONTROLLER names one that is built already.
controller=${ILLUMINATOR_CONTROLLER:-$PWD/target/release/controller}

model=3
if [ "${1-}" = --pi ]; then
    model=${2-}
    shift 2 || true
fi
# The image, the processor in the words of Debian and of Rust, QEMU's name, and the board with the address of its pins.
kind=32-bit processor=armel target=arm-unknown-linux-musleabi emulator=qemu-system-arm gpio=0x3f200000
timing=()
case $model in
1)
    machine=raspi1ap tree=bcm2835-rpi-a-plus gpio=0x20200000
    # This kernel has the watchdog built in, and asks a part of the chip for its name that QEMU's Pi 1 does not have.
    testing+=" initcall_blacklist=bcm2835_wdt_driver_init,bcm2835_power_driver_init"
    # Its only timer is told a moment some microseconds ahead. Where this machine takes longer to say so, it has passed, and
    # the Pi waits an hour for the next one. So a moment is so many instructions.
    timing=(-icount "shift=3")
    ;;
2)
    machine=raspi2b tree=bcm2836-rpi-2-b
    # Threads of an emulator that has fewer cores wait for each other until the kernel holds its four processors for
    # stuck, so one thread has them in turn, and the kernel one of them.
    testing+=" maxcpus=1" timing=(-accel "tcg,thread=single")
    ;;
3)
    kind=64-bit processor=arm64 target=aarch64-unknown-linux-musl emulator=qemu-system-aarch64
    machine=raspi3b tree=bcm2837-rpi-3-b
    # The card has it on the serial line that a Pi 3 has at its pins. The others say so in their device trees.
    testing+=" console=ttyAMA0,115200"
    ;;
*) echo "usage: ${0##*/} [--pi 1 | 2 | 3] [SCENARIO…]" >&2 && exit 2 ;;
esac
busybox=$cache/busybox-$processor

. tests/emulated-pi/lights.sh
. tests/emulated-pi/power.sh
. tests/emulated-pi/card.sh
. tests/emulated-pi/update.sh
. tests/footprint/limits.sh

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
skip() { printf '%s\n' "$*" >&2; exit 77; }

require() {
    local package=$1 tool=$2
    command -v "$tool" >/dev/null || skip "$tool is missing: apt-get install $package"
}

# Keeps the BusyBox of the observer.
fetch_busybox() {
    local unpacked=$cache/unpacked
    [ ! -e "$busybox" ] || return 0
    rm -rf "$unpacked"
    node/packaging/unpack-debian "$processor" "$unpacked" busybox-static || return
    mv "$unpacked/bin/busybox" "$busybox" || return
    rm -r "$unpacked"
}

# What the firmware of this Pi finds in config.txt: the kernel, or what that starts.
configured() {
    awk -F '[= ]' -v name="$1" -v own="[pi$model]" '/^\[/ { for_others = $0 != own && $0 != "[all]" }
        $1 == name && !for_others { value = $2 } END { print value }' "$work/card/config.txt"
}

# Makes the card, and takes from it what the firmware would: kernel, device tree, command line, and what the kernel
# starts, to which the observer is added.
make_card() {
    local root=$work/root
    "$controller" image --pi "$kind" --hosts pi1 --output "$work/cards" --key "$work/cluster.key" \
        --leds "ready=$ready,step=$step,fault=$fault" >"$work/said"
    python3 -m json.tool "$work/cards/illuminator.rpi-imager-manifest" >"$work/manifest"
    "$image" unpack "$work/cards/pi1.img.gz" "$work/card"
    gunzip --stdout "$work/cards/pi1.img.gz" >"$work/card.img"
    mkdir "$root"
    cp tests/emulated-pi/observer "$root"
    cp "$busybox" "$root/busybox"
    { cat "$work/card/$(configured initramfs)" &&
        (cd "$root" && find . | cpio --create --format=newc --owner=0:0 --quiet | gzip -1); } >"$work/initrd"
}

# Starts the Pi. Its serial line ends in a file; its monitor takes commands and gives answers.
start() {
    # shellcheck disable=SC2034 # it is used under the name of its process, pi_PID
    coproc pi {
        exec "$emulator" -M "$machine" "${timing[@]}" -kernel "$work/card/$(configured kernel)" \
            -dtb "$work/card/$tree.dtb" -initrd "$work/initrd" \
            -append "$(cat "$work/card/cmdline.txt") $testing" \
            -drive "file=$work/card.img,if=sd,format=raw" \
            -display none -serial "file:$work/serial" -monitor stdio -no-reboot \
            -chardev "socket,id=board,path=$work/board,server=on,wait=off" \
            -device usb-net,netdev=lan -device usb-serial,chardev=board \
            -netdev "user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:$port-:5123" 2>&1
    }
    # Unlike those of the coprocess itself, these can be used in a subshell.
    exec {answers}<&"${pi[0]}" {commands}>&"${pi[1]}"
}

# Waits until the node answers the check of a scenario.
await_node() {
    local deadline=$((SECONDS + patience))
    placed "$1" >"$work/first.yaml"
    until timeout 2 "$controller" check --quiet --key "$work/cluster.key" "$work/first.yaml" \
        >"$work/said" 2>&1; do
        kill -0 "$pi_PID" 2>/dev/null || fail "the Pi has stopped: $(cat "$work/serial")"
        [ $SECONDS -lt $deadline ] || fail "no answer in $patience s: $(cat "$work/said" "$work/serial")"
        sleep 0.2
    done
}

# Plugs a board in, and waits until the Pi has asked it who it is.
plug_in_board() {
    local deadline=$((SECONDS + 60))
    tests/emulated-pi/board.py "$work/board" "$board" >"$work/commands" &
    board_PID=$!
    until grep --quiet --text "^board: $board behind ftdi_sio" "$work/serial"; do
        kill -0 "$board_PID" 2>/dev/null || fail "the board has ended"
        [ $SECONDS -lt $deadline ] || fail "no board behind a USB serial adapter: $(cat "$work/serial")"
        sleep 0.2
    done
    grep --quiet 0g1 "$work/commands" || fail "the board was told something else: $(cat "$work/commands")"
    say "a board behind a USB serial adapter: $(grep --text '^board:' "$work/serial")"
}

# Runs a model that looks at this board, until it has seen which cable it is.
board_in_a_run() {
    cat >"$work/cable.yaml" <<END
scenario: {name: cable, start_time: '2026-07-06 00:00:00', end_time: '2026-07-06 00:20:00', time_resolution: 60}
models:
- {name: House_LED, type: LED_connection, connect: {ip: 127.0.0.1, port: $port},
   parameters: {min_speed: 0, max_speed: 1, direction: 1, sockets: [ttyUSB0]}}
connections: []
monitor: {file: cable.csv, items: [House_LED.connections]}
END
    run_unwatched "$controller" run --pace 2/s --key "$work/cluster.key" --output "$work/cable.csv" \
        "$work/cable.yaml"
    tail -1 "$work/cable.csv" | grep --quiet "\['$board'\]" ||
        fail "the run does not see the board: $(cat "$work/cable.csv" "$work/said" "$work/serial")"
    say "a run sees cable $board: $(grep --count "\['$board'\]" "$work/cable.csv") of 20 rows"
}

# A scenario with all its nodes on the Pi. LEDs that are at the same pin of several nodes get a pin each.
placed() {
    sed -E "s/connect: *\{ip: *'[^']*', *port: *[0-9]+\}/connect: {ip: '127.0.0.1', port: $port}/" "$1" |
        awk '/pin: 18/ { sub(/pin: 18/, "pin: " (18 + (pins % 4))); pins++ } { print }'
}

# Runs a scenario here, and on the Pi through a command that sees to what it says.
compare() {
    local scenario=$1 name
    shift
    name=$(basename "$scenario" .yaml)
    placed "$scenario" >"$work/$name.yaml"
    grep -q "port: $port" "$work/$name.yaml" || fail "$scenario: no model has a node"
    "$controller" run --quiet --local "$scenario" --output "$work/here.csv"
    "$@" "$controller" run --key "$work/cluster.key" "$work/$name.yaml" --output "$work/pi.csv"
    cmp "$work/here.csv" "$work/pi.csv" || fail "$scenario: another result on the Pi"
    say "$name: the same $(stat --format=%s "$work/pi.csv") bytes," \
        "$(sed -n 's/.* rows in .*csv, //p' "$work/said")"
}

run_unwatched() {
    "$@" >"$work/said" 2>&1 || fail "$*: $(cat "$work/said" "$work/serial")"
}

# What the Pi said of its node's resident memory, in kB, one line each: now, and at most so far.
memory() { awk '$1 == "Rss:" { print $2 }' "$work/serial"; }
peak() { awk '$1 == "Rss:" || $1 == "VmHWM:" { print $2 }' "$work/serial" | sort -n | tail -1; }

# Waits until it has said so, so many times from now on.
await_looks() {
    local count deadline=$((SECONDS + 60))
    count=$(($(memory | wc -l) + $1))
    until [ "$(memory | wc -l)" -ge $count ]; do
        kill -0 "$pi_PID" 2>/dev/null || fail "the Pi has stopped: $(cat "$work/serial")"
        [ $SECONDS -lt $deadline ] || fail "the Pi does not say how much memory its node has: $(cat "$work/serial")"
        sleep 0.2
    done
}

require qemu-system-arm "$emulator"
require cpio cpio
require python3 python3
if ! (fetch_busybox); then skip "Debian's BusyBox for the Pi is not to be had here"; fi
node/image/build.sh "$kind" || exit $?
[ -n "${ILLUMINATOR_CONTROLLER-}" ] ||
    cargo build --release --locked --package illuminator-controller --bin controller

work=$(mktemp -d)
pi_PID=
board_PID=
run_PID=
end() {
    # One that is stopped ends when it goes on.
    [ -z "${pi_PID:-}" ] || { kill "$pi_PID" && kill -CONT "$pi_PID"; } 2>/dev/null || true
    [ -z "$board_PID" ] || kill "$board_PID" 2>/dev/null || true
    [ -z "$run_PID" ] || { kill "$run_PID" && wait "$run_PID"; } 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT

scenarios=("$@")
[ $# -gt 0 ] || [ $model != 3 ] || scenarios=(scenarios/*-cluster.yaml)
"$controller" key new --key "$work/cluster.key" >"$work/said"
make_card
begun=$EPOCHREALTIME
start
await_node "$first"
say "from power on to the first answer: $(awk "BEGIN { printf \"%.1f s\", $EPOCHREALTIME - $begun }")"
grep --text -E '^(model:|init: )' "$work/serial"
await_looks 1
check_memory "emulated Pi, idle" "$(memory | tail -1)" "$IDLE_LIMIT"
lights_while_waiting
plug_in_board
compare "$first" lights_during
board_in_a_run
for scenario in "${scenarios[@]}"; do
    compare "$scenario" run_unwatched
done
if [ $model != 3 ]; then
    has_its_node
    card_is_as_it_was
    exit
fi
lights_after_a_failure "$controller" run --key "$work/cluster.key"
compare "$first" run_unwatched
look
if shines $fault; then fail "the LED for faults shines although a run was fine since"; fi
tests/footprint/scenario.sh "$work" 127.0.0.1 "$port"
(cd "$work" && "$controller" run --quiet --local hundred.yaml --output here.csv)
(cd "$work" && "$controller" run --key cluster.key hundred.yaml --output pi.csv >said 2>&1) ||
    fail "a hundred models: $(cat "$work/said" "$work/serial")"
cmp "$work/here.csv" "$work/pi.csv" || fail "a hundred models: another result on the Pi"
# The Pi looks once a second; the next look but one is after the run.
await_looks 2
check_memory "emulated Pi, with 100 models" "$(peak)" "$BUSY_LIMIT"
# From here on it starts again and again. With one of its four processors it takes half the time for that.
testing+=" maxcpus=1" timing=(-accel "tcg,thread=single")
goes_on_after_power_off
is_switched_off_at_random
card_is_as_it_was
is_updated_over_the_protocol
