# shellcheck shell=bash
# How much resident memory a node may have, in kB.
# shellcheck disable=SC2034 # whoever reads this file uses them
IDLE_LIMIT=3000 BUSY_LIMIT=6000

# check_memory WHAT IS LIMIT: prints a row, and fails where it is too much.
check_memory() {
    printf '%-31s %7d of %7d kB\n' "$@"
    [ "$2" -le "$3" ] || { printf '%s: more than %d kB\n' "$1" "$3" >&2; return 1; }
}
