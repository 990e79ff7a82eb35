# shellcheck shell=bash
# The processes that a script starts, and waiting for what they do. The script has a function `fail`, and in `tenths` how
# many tenths of a second it waits at most.
processes=()

# Ends them, by their ids.
end_processes() {
    local process
    for process in "${processes[@]}"; do kill "$process" 2>/dev/null || true; done
    for process in "${processes[@]}"; do wait "$process" 2>/dev/null || true; done
}

# until_true WHAT COMMAND…: waits for something, within bounds.
until_true() {
    local what=$1
    shift
    # shellcheck disable=SC2154 # see above
    for _ in $(seq "$tenths"); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    fail "it did not come: $what"
}
