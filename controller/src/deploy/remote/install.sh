# shellcheck disable=SC2154 # the lines before this script set what it does not
# Installs a node or brings it up to date. Fed to `sh -s` as root, behind lines that set port,
# release, sum, upload and key. All of it is in functions, so that a script that arrives in part
# does nothing; once it runs it comes to its end, or takes back what it did, whether or not
# anybody listens.

binary=/usr/local/bin/illuminator-node
config=/etc/illuminator
service=illuminator-node.service
unit=/etc/systemd/system/$service
services=/etc/avahi/services

did() { printf 'did %s\n' "$*"; }
kept() { printf 'kept %s: already up to date\n' "$*"; }
note() { printf 'note %s\n' "$*"; }

# Takes everything back, last things first, and ends.
fail() {
    printf 'failed %s\n' "$*"
    test -z "$restarted" || systemctl stop "$service"
    eval "$undo"
    if test -n "$restarted"; then
        systemctl daemon-reload
        test -z "$was_active" || systemctl start "$service"
    fi
    rm -f "$upload"
    note 'everything is as it was before'
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# sum_of FILE: its checksum and length.
sum_of() {
    # shellcheck disable=SC2046 # two numbers
    set -- $(cksum <"$1")
    printf '%s %s\n' "$1" "$2"
}

# rights PATH: mode, owner and group.
rights() {
    # shellcheck disable=SC2012 # there is no other portable way
    ls -ld "$1" | { read -r mode _ owner group _ && printf '%s %s %s\n' "$mode" "$owner" "$group"; }
}

# place NAME PATH MODE OWNER: makes standard input the content of a file, at once or not at all.
place() {
    new=$2.illuminator-new
    old=$2.illuminator-old
    test ! -d "$2" || fail "$1: $2 is a directory"
    if ! { (umask 077 && cat >"$new") && chown "$4" "$new" && chmod "$3" "$new"; }; then
        rm -f "$new"
        fail "$1: cannot write $new"
    fi
    if cmp -s "$2" "$new" && test "$(rights "$2")" = "$(rights "$new")"; then
        rm -f "$new"
        kept "$1"
        return
    fi
    rm -f "$old"
    if test -e "$2"; then
        ln "$2" "$old" || fail "$1: cannot keep $2 while it is replaced"
        undo="mv -f $old $2; $undo"
        olds="$olds $old"
        verb=replaced
    else
        undo="rm -f $2; $undo"
        verb=installed
    fi
    mv -f "$new" "$2" || fail "$1: cannot write $2"
    changed=yes
    did "$1: $verb"
}

remove_user() {
    if has userdel; then userdel illuminator; else deluser illuminator; fi
    ! grep -q '^illuminator:' /etc/group || groupdel illuminator 2>/dev/null || delgroup illuminator
}

# A Debian package keeps its own files up to date.
leave_package() {
    test ! -e /usr/lib/systemd/system/$service && test ! -e /lib/systemd/system/$service ||
        fail "the package illuminator-node is installed there; 'sudo apt-get remove illuminator-node' first"
}

make_user() {
    if known=$(grep '^illuminator:' /etc/passwd); then
        case $known in
        */nologin | */false) kept 'user illuminator' ;;
        *) fail "user illuminator: somebody logs in by that name; give that user another one" ;;
        esac
    else
        if has useradd; then
            useradd --system --user-group --no-create-home --home-dir /nonexistent \
                --shell /usr/sbin/nologin illuminator
        else
            addgroup -S illuminator &&
                adduser -S -D -H -h /nonexistent -s /sbin/nologin -G illuminator illuminator
        fi || fail 'user illuminator: cannot be made'
        undo="remove_user; $undo"
        did 'user illuminator: made'
    fi
    for group in gpio dialout; do
        grep -q "^$group:" /etc/group || continue
        case " $(id -Gn illuminator) " in *" $group "*) continue ;; esac
        if has usermod; then usermod -a -G "$group" illuminator; else addgroup illuminator "$group"; fi ||
            fail "user illuminator: cannot be put in group $group"
        undo="leave $group; $undo"
        changed=yes
        did "user illuminator: in group $group"
    done
}

leave() {
    if has gpasswd; then gpasswd -d illuminator "$1" >/dev/null; else delgroup illuminator "$1"; fi
}

place_binary() {
    if test -z "$upload"; then
        kept binary
        return
    fi
    test "$(sum_of "$upload")" = "$sum" || fail 'binary: it did not arrive in full; deploy again'
    place binary "$binary" 755 root:root <"$upload"
    rm -f "$upload"
    said=$("$binary" --version 2>&1)
    test "$said" = "illuminator-node $release" ||
        fail "binary: it should say 'illuminator-node $release' and says '$said'"
}

place_key() {
    if test ! -d "$config"; then
        mkdir "$config" || fail "key: cannot make $config"
        undo="rmdir $config; $undo"
    fi
    place key "$config/cluster.key" 600 illuminator:illuminator <<END
$key
END
}

place_unit() {
    if test ! -d "${unit%/*}"; then
        note "service: there is no ${unit%/*}; start '$binary serve' by other means"
        return
    fi
    place service "$unit" 644 root:root <<END
@UNIT@
END
}

place_announcement() {
    if test ! -d "$services"; then
        note "avahi: there is no $services; the node is not announced"
        return
    fi
    # The node need not start again for it.
    before=$changed
    place avahi "$services/illuminator.service" 644 root:root <<END
@ANNOUNCEMENT@
END
    changed=$before
}

# Whether something listens on the port.
listens() {
    # shellcheck disable=SC2059 # the format is fixed
    grep -qi ":$(printf '%04X' "$port") [0-9A-F]*:0000 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# Whether the service runs and listens, and still does half a second later.
is_up() {
    good=0
    tries=0
    while test "$tries" -lt 20; do
        if systemctl is-active --quiet "$service" && listens; then good=$((good + 1)); else good=0; fi
        test "$good" -lt 2 || return 0
        tries=$((tries + 1))
        sleep 0.5 2>/dev/null || sleep 1
    done
    return 1
}

start_service() {
    if test ! -d /run/systemd/system; then
        note 'start: systemd does not run here, so the service is not started'
        return
    fi
    was_active=
    ! systemctl is-active --quiet "$service" || was_active=yes
    if ! systemctl is-enabled --quiet "$service" 2>/dev/null; then
        systemctl daemon-reload
        undo="systemctl disable --quiet $service; $undo"
        systemctl enable --quiet "$service" || fail 'start: the service cannot be enabled'
        did 'start: enabled at boot'
    fi
    if test -z "$changed" && test -n "$was_active"; then
        kept start
        return
    fi
    restarted=yes
    systemctl daemon-reload
    systemctl restart "$service" && is_up || fail "start: the node does not come up: $(last_words)"
    if test -n "$was_active"; then did 'start: started again'; else did 'start: started'; fi
}

# What the node said last.
last_words() {
    journalctl --unit "$service" --lines 2 --output cat 2>/dev/null | tr '\n' ' '
}

install_node() {
    trap '' HUP INT TERM PIPE
    umask 022
    PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    LC_ALL=C
    export PATH LC_ALL
    changed=
    restarted=
    was_active=
    undo=:
    olds=
    leave_package
    make_user
    place_binary
    place_key
    place_unit
    place_announcement
    start_service
    # shellcheck disable=SC2086 # paths without spaces
    test -z "$olds" || rm -f $olds
}

install_node; exit
