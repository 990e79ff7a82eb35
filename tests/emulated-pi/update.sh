# shellcheck shell=bash
# The node of the emulated Pi is updated over the protocol, and is there after the plug was pulled. For run.sh.

# Has the node replaced by the one in a folder: the exit code, and what is said of it.
deploys() {
    local nodes=$1 wanted=$2 said=$3 code=0
    "$controller" deploy 127.0.0.1 --listen-port "$port" --key "$work/cluster.key" --binaries "$nodes" \
        >"$work/said" 2>&1 || code=$?
    { [ $code -eq "$wanted" ] && grep --quiet "$said" "$work/said"; } ||
        fail "deploy: exit code $code, not $wanted with '$said': $(cat "$work/said" "$work/serial")"
}

# 'deploy' takes the node that is on the card for the one that this Pi is to have.
has_its_node() {
    mkdir -p "$work/nodes"
    cp "target/$target/node/illuminator-node" "$work/nodes/illuminator-node-$target"
    deploys "$work/nodes" 0 "is up to date"
    say "deploy: the node of $target is up to date"
}

is_updated_over_the_protocol() {
    local nodes=$work/nodes node begun
    node=$nodes/illuminator-node-$target
    start
    await_node "$first"
    has_its_node
    # Behind a program there may be bytes that nobody reads, so this one is another and does the same.
    printf 'another one' >>"$node"
    begun=$EPOCHREALTIME
    deploys "$nodes" 0 "is kept on its card"
    say "updated over the protocol in $(awk "BEGIN { printf \"%.1f s\", $EPOCHREALTIME - $begun }")"
    pull_plug
    start
    await_node "$first"
    deploys "$nodes" 0 "is up to date"
    say "the new node is there after the Pi was switched off and on"
    cp "$busybox" "$node"
    deploys "$nodes" 4 "the old node is back"
    compare "$first" run_unwatched
    say "a program that is no node gave way to the one before"
    pull_plug
}
