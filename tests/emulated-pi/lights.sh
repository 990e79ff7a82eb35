# shellcheck shell=bash
# The LEDs at the emulated Pi's pins, read from its GPIO registers through QEMU's monitor. For run.sh.

ready=17 step=27 fault=22       # BCM numbers
lights=0                        # the levels of all pins, one bit each

# The 32 bits of a register of the GPIO block.
register() {
    local address line
    printf -v address '%x' $((gpio + $1))
    printf 'xp /1xw 0x%s\n' "$address" >&"$commands"
    while read -r -t 10 line <&"$answers"; do
        if [[ $line =~ ^0*$address:\ (0x[0-9a-f]+) ]]; then
            echo $((BASH_REMATCH[1]))
            return
        fi
    done
    fail "no answer from the monitor of the emulated Pi"
}

look() { lights=$(register 0x34); }

shines() { (((lights >> $1) & 1)); }

# Looks until a light is on or off, for some seconds.
await_light() {
    local pin=$1 wanted=$2 when=$3 deadline=$((SECONDS + 15)) level
    while [ $SECONDS -lt $deadline ]; do
        look
        if shines "$pin"; then level=on; else level=off; fi
        [ $level != "$wanted" ] || return 0
    done
    fail "the LED at BCM $pin was never $wanted $when"
}

# The three pins are outputs; the light 'ready' breathes, and the others are dark.
lights_while_waiting() {
    local pin
    for pin in $ready $step $fault; do
        [ $((($(register $((pin / 10 * 4))) >> (pin % 10 * 3)) & 7)) = 1 ] || fail "BCM $pin is no output"
    done
    await_light $ready on "while the node waits"
    await_light $ready off "while the node waits"
    await_light $ready on "while the node waits"
    if shines $step || shines $fault; then fail "LEDs shine that should not while the node waits"; fi
    say "LEDs: BCM $ready, $step and $fault are outputs, and $ready breathes"
}

# While a command runs, 'step' blinks, and 'ready' is steady whenever it does.
lights_during() {
    local blinks=0 looks=0 run
    "$@" >"$work/said" 2>&1 &
    run=$!
    while kill -0 $run 2>/dev/null; do
        look
        looks=$((looks + 1))
        shines $step || continue
        blinks=$((blinks + 1))
        shines $ready || fail "the LED 'ready' is dark during a run"
    done
    wait $run || fail "$*: $(cat "$work/said")"
    [ $blinks -gt 0 ] || fail "the LED for steps was dark in a run, $looks times out of $looks"
    if shines $fault; then fail "the LED for faults shines after a run that was fine"; fi
    say "LEDs during a run: $step shone $blinks times out of $looks, and $ready each time"
}

# A model that fails on the Pi makes 'fault' blink until the next run.
lights_after_a_failure() {
    local scenario=$work/failing.yaml outcome
    # A sum that leaves the range of integers: nothing says so before the step.
    cat >"$scenario" <<END
scenario: {name: failing, start_time: '2026-07-06 00:00:00', end_time: '2026-07-06 01:00:00', time_resolution: 900}
models:
- {name: Ones, type: Constant, parameters: {most: 9223372036854775807, one: 1}}
- {name: Sum, type: Adder, connect: {ip: 127.0.0.1, port: $port}, parameters: {param1: 0}}
connections:
- {from: Ones.most, to: Sum.in1}
- {from: Ones.one, to: Sum.in2}
monitor: {items: [Sum.out1]}
END
    "$@" "$scenario" --output "$work/failed.csv" >"$work/said" 2>&1 && outcome=0 || outcome=$?
    [ $outcome = 3 ] || fail "exit code $outcome, not 3, of a failing model: $(cat "$work/said")"
    await_light $fault on "after the failure of a model"
    await_light $fault off "after the failure of a model"
    await_light $fault on "after the failure of a model"
    say "LEDs after the failure of a model: $fault blinks"
}
