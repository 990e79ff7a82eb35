# What services have open, seen without being root. Stands before the scripts that ask for it.

# sockets USER STATE: the ports of a service's TCP sockets in a state, as the kernel numbers it, one a line.
sockets() {
    number=$(id -u "$1" 2>/dev/null) || return 0
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ at _ state _ _ _ owner _; do
        test "$state" != "$2" || test "$owner" != "$number" || printf '%d\n' "0x${at##*:}"
    done
}

# listening USER: the ports on which it listens.
listening() { sockets "$1" 0A | sort -n | uniq; }

