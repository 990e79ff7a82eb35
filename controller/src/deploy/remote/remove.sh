# shellcheck disable=SC2154 # the lines before this script set what it does not
# Takes a node away, the bridge beside it, and all that came with them. Fed to `sh -s` as root. What cannot
# be removed is told, and the rest goes on.

programs=/usr/local/bin
units=/etc/systemd/system
service=illuminator-node.service
bridge=illuminator-bridge.service
home=/var/lib/illuminator-bridge
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

# stop STEP SERVICE
stop() {
    test -d /run/systemd/system || return
    test -e "$units/$2" || return
    if systemctl disable --now --quiet "$2"; then
        did "$1: stopped"
    else
        bad "$1: the service cannot be stopped"
    fi
}

# drop_unit STEP SERVICE
drop_unit() {
    drop "$1" "$units/$2"
    test -d /run/systemd/system || return
    systemctl daemon-reload
    systemctl reset-failed "$2" 2>/dev/null
}

# drop_user NAME
drop_user() {
    if ! known=$(grep "^$1:" /etc/passwd); then
        absent "user $1"
        return
    fi
    case $known in
    */nologin | */false) ;;
    *)
        bad "user $1: somebody logs in by that name, so it stays"
        return
        ;;
    esac
    if command -v userdel >/dev/null 2>&1; then
        said=$(userdel "$1" 2>&1)
    else
        said=$(deluser "$1" 2>&1)
    fi
    if grep -q "^$1:" /etc/passwd; then
        bad "user $1: cannot be removed: $said"
        return
    fi
    ! grep -q "^$1:" /etc/group || groupdel "$1" 2>/dev/null || delgroup "$1"
    did "user $1: removed"
}

# What programs of the bridge have written is not ours; it has another owner when theirs is gone.
leave_home() {
    test -d "$home" || return
    rmdir "$home" 2>/dev/null && return
    chown -R root:root "$home"
    printf 'note %s\n' "bridge: what its programs have written stays in $home, and is root's"
}

# The bridge, where 'deploy' has put one.
remove_bridge() {
    test -e /etc/illuminator/bridge-deploy.toml || return
    stop 'bridge start' "$bridge"
    drop_unit 'bridge service' "$bridge"
    drop 'bridge binary' "$programs/illuminator-bridge"
    for file in bridge.key bridge.toml bridge-deploy.toml; do
        drop "bridge $file" "/etc/illuminator/$file"
    done
    leave_home
    drop_user illuminator-bridge
}

# What 'deploy' put there beside a package, whose own node it kept from running.
remove_beside_package() {
    if test ! -e "$units/$service"; then
        bad "a package brought the node; 'sudo apt-get purge illuminator-node' takes it away"
        return
    fi
    systemctl stop "$service" 2>/dev/null
    drop service "$units/$service"
    drop binary "$programs/illuminator-node"
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
    # shellcheck disable=SC2086 # paths without spaces
    rm -f $uploads
    remove_bridge
    if test -e /usr/lib/systemd/system/$service || test -e /lib/systemd/system/$service; then
        remove_beside_package
        flush_all
        return "$code"
    fi
    stop start "$service"
    drop_unit service "$service"
    drop avahi "$announcement"
    drop binary "$programs/illuminator-node"
    drop 'key and settings' /etc/illuminator
    drop_user illuminator
    # What is said to be gone stays so when a plug is pulled.
    flush_all
    return "$code"
}

remove_node; exit
