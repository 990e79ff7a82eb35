# shellcheck disable=SC2154 # the lines before this script set what it does not
# Runs a node for as long as somebody holds standard input open, and then until its last session is
# over. Fed to `sh -s`, behind lines that set port, upload, trial and key; needs no rights beyond those
# of the user. With `trial` set the node does as its command line says alone, and what was uploaded
# stays.

start_node() {
    umask 077
    trap '' PIPE
    printf '\n%s\n' 'illuminator answers:'
    passing=$upload
    test -z "$trial" || passing=
    folder=
    trap 'rm -rf "$folder" "$passing"' EXIT
    folder=$(mktemp -d) || exit 1
    cat >"$folder/cluster.key" <<END || exit 1
$key
END
    node=/usr/local/bin/illuminator-node
    set --
    if test -n "$trial"; then
        set -- --config /dev/null
        if test -n "$upload"; then
            node=./$upload
            chmod 700 "$node" || exit 1
            # A home may be where no programs are run.
            "$node" --version >/dev/null 2>&1 || node=$folder/illuminator-node
            test -x "$node" || { cp "$upload" "$node" && chmod 700 "$node"; } || exit 1
        fi
    elif test -n "$upload"; then
        node=$folder/illuminator-node
        mv "$upload" "$node" && chmod 700 "$node" || exit 1
    fi
    exec 3<&0
    "$node" serve --quiet --no-announce --listen "[::]:$port" --key "$folder/cluster.key" "$@" \
        </dev/null 3<&- 2>&1 &
    pid=$!
    trap 'kill "$pid"' HUP INT TERM
    # At the end of standard input the node takes no more sessions, and ends with its last one.
    (
        trap - HUP INT TERM
        while read -r _; do :; done
        kill -USR1 "$pid"
    ) <&3 >/dev/null 2>&1 &
    watch=$!
    exec 3<&-
    wait "$pid"
    kill "$watch" 2>/dev/null
}

start_node; exit
