# shellcheck shell=bash
# The emulated Pi is switched off at random moments, and starts again each time from a card that nobody has written
# to. For run.sh.

switch_offs=${SWITCH_OFFS:-5}

# Ends QEMU's process as a plug that is pulled ends a Pi.
pull_plug() {
    local pid=$pi_PID
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || true
    exec {answers}<&- {commands}>&-
}

# Moments are from the first instruction to some seconds after the node answers. The seed is said, so that they can
# be had again.
is_switched_off_at_random() {
    local number moment begun took
    RANDOM=${SEED:=$$}
    pull_plug
    for ((number = 1; number <= switch_offs; number++)); do
        moment=$((RANDOM % 15000))
        start
        sleep "$((moment / 1000)).$(printf '%03d' $((moment % 1000)))"
        pull_plug
        cmp "$work/card.img" <(gunzip --stdout "$work/cards/pi1.img.gz") ||
            fail "the card has other bytes after the Pi was switched off at $moment ms (SEED=$SEED)"
    done
    begun=$EPOCHREALTIME
    start
    await_node "$first"
    took=$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $begun }")
    say "switched off $switch_offs times at random (SEED=$SEED): it starts as ever, in $took s"
}

card_is_as_it_was() {
    pull_plug
    cmp "$work/card.img" <(gunzip --stdout "$work/cards/pi1.img.gz") || fail "the Pi has written to its card"
    say "the card has the $(stat --format=%s "$work/card.img") bytes that it had"
}
