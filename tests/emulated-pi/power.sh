# shellcheck shell=bash
# The emulated Pi is switched off in the middle of a run, and on again. For run.sh.

led=23                          # BCM number; the example has it in a comment, at the store
pace=10                         # ticks/s; also the rows around a change of the LED in which nobody looks
off_at=70                       # the row, of 192, at which the power goes: the LED is dark
wanted=()                       # what the LED is to be at each row: on, off or changing

rows() { echo $(($(wc -l <"$work/again.partial.csv") - 1)); }

# Waits until the run says something, for so many seconds.
await_note() {
    local deadline=$((SECONDS + $2))
    until grep --quiet "$1" "$work/notes"; do
        kill -0 "$run_PID" 2>/dev/null || fail "the run has ended: $(cat "$work/notes" "$work/said")"
        [ $SECONDS -lt $deadline ] || fail "no '$1' in $2 s: $(cat "$work/notes" "$work/serial")"
        sleep 0.1
    done
}

# Up to a row, from a second from now on, the LED is what the newest row says that it is to be: on at times, and
# off at times.
led_follows_rows() {
    local from=$(($(rows) + pace)) until=$1 when=$2 on=0 off=0 row level
    while [ -e "$work/again.partial.csv" ] && row=$(rows) && [ "$row" -lt "$until" ]; do
        kill -0 "$run_PID" 2>/dev/null || fail "the run has ended: $(cat "$work/notes" "$work/said")"
        look
        if shines $led; then level=on; else level=off; fi
        if [ "$row" -ge "$from" ] && [ "${wanted[row - 1]}" != changing ] &&
            [ "${wanted[row - 1]}" = "${wanted[$(rows) - 1]}" ]; then
            [ $level = "${wanted[row - 1]}" ] || fail "the LED at BCM $led is $level at row $row $when"
            ((++$level))
        fi
        sleep 0.05
    done
    ((on && off)) || fail "the LED at BCM $led was on $on times and off $off times $when"
    say "an LED $when: $led is as the rows say, on $on times and off $off times"
}

# A plug that is pulled says goodbye to nobody. The end of QEMU's process would, for its connections, so it
# falls silent first. The board loses its power with it: a QEMU that goes on would abort.
switch_off() {
    kill -STOP "$pi_PID"
    await_note "lost node 127.0.0.1:$port, .* no sign of life for 2 s; .*; the run holds at tick " 30
    kill "$board_PID" || fail "the board has ended"
    wait "$board_PID" 2>/dev/null || true
    board_PID=
    pull_plug
}

# All models but one are on the Pi, and the LED of one of them is on it as well, so nobody takes over. The
# days are the first two.
goes_on_after_power_off() {
    local scenario=$work/again.yaml begun
    placed scenarios/power-balance-cluster.yaml | sed -E "s/^(  end_time: ).*/\1'2026-07-08 00:00:00'/
        s/^  # (leds:)/  \1/; s/^  # (- .* pin: $led, below: )15/  \150/" >"$scenario"
    grep --quiet "^  - .* pin: $led, below: 50" "$scenario" || fail "the example has no LED at BCM $led"
    "$controller" run --quiet --local "$scenario" --output "$work/here.csv"
    mapfile -t wanted < <(awk -F, -v margin=$pace 'NR > 1 { level[NR - 1] = $NF < 50 ? "on" : "off" }
        END { for (row = 1; row < NR; row++) { around = level[row]
            for (near = row - margin; near <= row + margin; near++)
                if (near in level && level[near] != level[row]) around = "changing"
            print around } }' "$work/here.csv")

    : >"$work/notes"
    "$controller" run --pace "$pace/s" --timeout 2 --patience 200 --json --key "$work/cluster.key" \
        --output "$work/again.csv" "$scenario" >"$work/said" 2>"$work/notes" &
    run_PID=$!
    until [ -e "$work/again.partial.csv" ]; do
        kill -0 "$run_PID" 2>/dev/null || fail "no run: $(cat "$work/notes" "$work/said")"
        sleep 0.1
    done
    led_follows_rows $off_at "before the Pi is switched off"
    switch_off
    begun=$EPOCHREALTIME
    start
    await_note "the run goes on at tick " 240
    say "from power on until the run goes on: $(awk "BEGIN { printf \"%.1f s\", $EPOCHREALTIME - $begun }")"
    led_follows_rows 175 "after the Pi was switched on again"
    wait "$run_PID" || fail "exit code $?, not 0, of a run that goes on: $(cat "$work/notes")"
    run_PID=
    cmp "$work/here.csv" "$work/again.csv" || fail "another result after the Pi was switched off and on"
    python3 - "127.0.0.1:$port" "$work/said" <<'END' || fail "another loss: $(cat "$work/notes" "$work/said")"
import json, sys
[loss] = json.load(open(sys.argv[2]))["interruptions"]
assert loss["node"] == sys.argv[1] and loss["takeovers"] == [], loss
END
    if grep "in place of" "$work/notes"; then fail "somebody took over"; fi
    grep -E "holds at tick|goes on at tick" "$work/notes"
    say "the Pi was switched off and on in a run: the same $(stat --format=%s "$work/again.csv") bytes"
}
