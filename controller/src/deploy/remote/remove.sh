# shellcheck disable=SC2154 # the lines before this script set what it does not
# Takes a node away, and all that came with it. Fed to `sh -s` as root. What cannot be removed is
# told, and the rest goes on.

binary=/usr/local/bin/illuminator-node
service=illuminator-node.service
unit=/etc/systemd/system/$service
announcement=/etc/avahi/services/illuminator.service

# Has all that was done written to the disk. A `sync` that knows no folders writes all there is.
flush_all() { sync -f /etc /usr/local/bin 2>/dev/null || sync; }

did() { printf 'did %s\n' "$*"; }
absent() { printf 'kept %s: not there\n' "$*"; }
bad() {
    printf 'failed %s\n' "$*"
    code=1
}

# drop NAME PATH: removes a file or folder.
drop() {
    if test ! -e "$2"; then
        absent "$1"
    elif rm -rf "$2"; then
        did "$1: removed"
    else
        bad "$1: cannot remove $2"
    fi
    rm -f "$2.illuminator-new" "$2.illuminator-old"
}

stop_service() {
    test -d /run/systemd/system || return
    test -e "$unit" || return
    if systemctl disable --now --quiet "$service"; then
        did 'start: stopped'
    else
        bad 'start: the service cannot be stopped'
    fi
}

drop_user() {
    if ! known=$(grep '^illuminator:' /etc/passwd); then
        absent 'user illuminator'
        return
    fi
    case $known in
    */nologin | */false) ;;
    *)
        bad 'user illuminator: somebody logs in by that name, so it stays'
        return
        ;;
    esac
    if command -v userdel >/dev/null 2>&1; then
        said=$(userdel illuminator 2>&1)
    else
        said=$(deluser illuminator 2>&1)
    fi
    if grep -q '^illuminator:' /etc/passwd; then
        bad "user illuminator: cannot be removed: $said"
        return
    fi
    ! grep -q '^illuminator:' /etc/group || groupdel illuminator 2>/dev/null || delgroup illuminator
    did 'user illuminator: removed'
}

# What 'deploy' put there beside a package, whose own node it kept from running.
remove_beside_package() {
    if test ! -e "$unit"; then
        bad "a package brought the node; 'sudo apt-get purge illuminator-node' takes it away"
        return
    fi
    systemctl stop "$service" 2>/dev/null
    drop service "$unit"
    drop binary "$binary"
    drop settings /etc/illuminator/deploy.toml
    printf 'note %s\n' "the package illuminator-node is there as well, and its node runs instead; 'sudo apt-get purge illuminator-node' takes that away"
    test -d /run/systemd/system || return
    systemctl daemon-reload
    systemctl --quiet reenable "$service" && systemctl start "$service" ||
        bad 'start: the node of the package cannot be started'
}

remove_node() {
    trap '' HUP INT TERM PIPE
    PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    LC_ALL=C
    export PATH LC_ALL
    printf '\n%s\n' 'illuminator answers:'
    code=0
    rm -f "$upload"
    if test -e /usr/lib/systemd/system/$service || test -e /lib/systemd/system/$service; then
        remove_beside_package
        flush_all
        return "$code"
    fi
    stop_service
    drop service "$unit"
    if test -d /run/systemd/system; then
        systemctl daemon-reload
        systemctl reset-failed "$service" 2>/dev/null
    fi
    drop avahi "$announcement"
    drop binary "$binary"
    drop 'key and settings' /etc/illuminator
    drop_user
    # What is said to be gone stays so when a plug is pulled.
    flush_all
    return "$code"
}

remove_node; exit
