# What the service's node has open, seen without being root. Stands before the scripts that ask for it.

# sockets STATE: the ports of the node's TCP sockets in a state, as the kernel numbers it, one a line.
sockets() {
    user=$(id -u illuminator 2>/dev/null) || return 0
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ at _ state _ _ _ owner _; do
        test "$state" != "$1" || test "$owner" != "$user" || printf '%d\n' "0x${at##*:}"
    done
}

# The ports on which the node listens.
listening() { sockets 0A | sort -n | uniq; }

