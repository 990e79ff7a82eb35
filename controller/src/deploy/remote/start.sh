# shellcheck disable=SC2154 # the lines before this script set what it does not
# Runs a node for as long as somebody holds standard input open. Fed to `sh -s`, behind lines that
# set port, upload and key; needs no rights beyond those of the user.

start_node() {
    umask 077
    trap '' PIPE
    folder=$(mktemp -d) || exit 1
    trap 'rm -rf "$folder"' EXIT
    cat >"$folder/cluster.key" <<END || exit 1
$key
END
    node=/usr/local/bin/illuminator-node
    if test -n "$upload"; then
        node=$folder/illuminator-node
        mv "$upload" "$node" && chmod 700 "$node" || exit 1
    fi
    exec 3<&0
    "$node" serve --quiet --listen "0.0.0.0:$port" --key "$folder/cluster.key" \
        </dev/null 3<&- 2>&1 &
    pid=$!
    trap 'kill "$pid"' HUP INT TERM
    # The end of standard input is the end of the node.
    (
        trap - HUP INT TERM
        while read -r _; do :; done
        kill "$pid"
        sleep 2
        kill -9 "$pid"
    ) <&3 >/dev/null 2>&1 &
    watch=$!
    exec 3<&-
    wait "$pid"
    kill "$watch" 2>/dev/null
}

start_node; exit
