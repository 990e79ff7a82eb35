# The key of the node that is there. Fed to `sh -s` as root.

show_key() {
    printf '\n%s\n' 'illuminator answers:'
    printf 'key %s\n' "$(cat /etc/illuminator/cluster.key 2>/dev/null)"
}

show_key; exit
