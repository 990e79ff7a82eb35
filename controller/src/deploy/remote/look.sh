# What there is on a machine. Fed to `sh -s`; needs no rights beyond those of the user.

look() {
    LC_ALL=C
    export LC_ALL
    binary=/usr/local/bin/illuminator-node
    printf 'processor %s\n' "$(uname -m)"
    # shellcheck disable=SC2046 # two numbers, or nothing
    set -- $(cksum 2>/dev/null <"$binary")
    printf 'binary %s %s\n' "${1:-0}" "${2:-0}"
    printf 'release %s\n' "$("$binary" --version 2>/dev/null)"
    said=
    if test "$(id -u)" = 0 || said=$(sudo -n true 2>&1); then
        printf 'root yes\n'
    else
        printf 'root no %s\n' "$(printf '%s' "$said" | tr '\n' ' ')"
    fi
}

look; exit
