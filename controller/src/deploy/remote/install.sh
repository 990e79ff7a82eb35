# shellcheck disable=SC2154 # the lines before this script set what it does not
# Installs a node or brings it up to date. Fed to `sh -s` as root, behind lines that set port,
# release, sum, upload, key, force (empty, or what is somebody else's may be replaced) and busy (empty,
# or why the node must not stop). All of it is in functions, so that a script that arrives in part does
# nothing; once it runs it comes to its end, or takes back what it did, whether or not anybody listens.

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
    rm -f "$upload"
    if test -n "$restarted"; then
        systemctl daemon-reload
        case $was in active | activating) start_anew start ;; esac
    fi
    flush_all
    case $was in
    '' | inactive) note 'everything is as it was before' ;;
    active)
        if test -z "$restarted" || is_up; then
            note 'everything is as it was before'
        else
            note "the files are as they were before; the node that ran does not come up again: $(last_words)"
        fi
        ;;
    *) note 'everything is as it was before, with a node that did not run then either' ;;
    esac
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

# flush FILE: has it written to the disk. A `sync` that knows no files writes all of them.
flush() { sync "$1" 2>/dev/null || sync; }

# Likewise all that was done, names in folders included.
flush_all() { sync -f /etc /usr/local/bin 2>/dev/null || sync; }

# place NAME PATH MODE OWNER: makes standard input the content of a file, at once or not at all.
place() {
    new=$2.illuminator-new
    old=$2.illuminator-old
    test ! -d "$2" || fail "$1: $2 is a directory"
    # What is moved into place is on the disk by then, so that no plug that is pulled leaves it empty.
    if ! { (umask 077 && cat >"$new") && chown "$4" "$new" && chmod "$3" "$new" && flush "$new"; }; then
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
    for group in gpio dialout spi; do
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

# digits: standard input as a key, however an editor has left it.
digits() { tr -cd '0-9a-fA-F' | tr 'A-F' 'a-f'; }

place_key() {
    if test ! -d "$config"; then
        mkdir "$config" || fail "key: cannot make $config"
        undo="rmdir $config; $undo"
    fi
    if test -z "$force" && test -e "$config/cluster.key" &&
        test "$(digits <"$config/cluster.key")" != "$key"; then
        fail 'key: there is another one, so the node is that of somebody else; --force replaces it'
    fi
    place key "$config/cluster.key" 600 illuminator:illuminator <<END
$key
END
}

place_settings() {
    place settings "$config/deploy.toml" 644 root:root <<END
# Written by 'controller deploy'. Where node.toml beside it says something else, that holds.
listen = ["[::]:$port"]
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

# place_announcement PORT
place_announcement() {
    if test ! -d "$services"; then
        note "avahi: there is no $services; the node announces itself"
        return
    fi
    place avahi "$services/illuminator.service" 644 root:root <<END
@ANNOUNCEMENT@
END
}

# Whether the service runs and its node listens, and still does half a second later.
is_up() {
    good=0
    tries=0
    while test "$tries" -lt 20; do
        if systemctl is-active --quiet "$service" && test -n "$(listening)"; then
            good=$((good + 1))
        else
            good=0
        fi
        test "$good" -lt 2 || return 0
        # What has failed for good does not come.
        ! systemctl is-failed --quiet "$service" || return 1
        tries=$((tries + 1))
        sleep 0.5 2>/dev/null || sleep 1
    done
    return 1
}

# start_anew COMMAND: starts the service, however often it has failed before.
start_anew() {
    since=$(date +%s)
    systemctl reset-failed "$service" 2>/dev/null
    systemctl "$1" "$service"
}

# What the node said last, or how systemd saw its end.
last_words() {
    journalctl --sync >/dev/null 2>&1
    words=$(journalctl --identifier illuminator-node --since "@$since" --lines 20 --output cat 2>/dev/null |
        uniq | tail -n 2 | tr '\n' ' ')
    printf '%s\n' "${words:-it says nothing; systemd: $(systemctl show --property Result "$service")}"
}

# Has the controller see whether it reaches the node. One that is gone by now does not say 'back'.
confirm() {
    printf 'listens %s\n' "$(listening | tr '\n' ' ')"
    word=
    read -r word reason || return 0
    test "$word" != back || fail "$reason"
}

start_service() {
    if test ! -d /run/systemd/system; then
        note 'start: systemd does not run here, so the service is not started'
        return
    fi
    if ! systemctl is-enabled --quiet "$service" 2>/dev/null; then
        systemctl daemon-reload
        undo="systemctl disable --quiet $service; $undo"
        systemctl enable --quiet "$service" || fail 'start: the service cannot be enabled'
        did 'start: enabled at boot'
    fi
    if test -z "$changed" && test "$was" = active; then
        kept start
    else
        test -z "$busy" || fail "start: $busy"
        restarted=yes
        systemctl daemon-reload
        start_anew restart && is_up || fail "start: the node does not come up: $(last_words)"
        if test "$was" = active; then did 'start: started again'; else did 'start: started'; fi
    fi
    confirm
}

install_node() {
    trap '' HUP INT TERM PIPE
    umask 022
    PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    LC_ALL=C
    export PATH LC_ALL
    printf '\n%s\n' 'illuminator answers:'
    changed=
    restarted=
    was=
    since=0
    test ! -d /run/systemd/system ||
        was=$(systemctl show --property ActiveState "$service" | sed 's/^ActiveState=//')
    undo=:
    olds=
    leave_package
    make_user
    place_binary
    place_key
    place_settings
    place_unit
    start_service
    # It may listen elsewhere than it was told here.
    announced=$(listening | head -n 1)
    place_announcement "${announced:-$port}"
    # shellcheck disable=SC2086 # paths without spaces
    test -z "$olds" || rm -f $olds
    # The folders, too, are on the disk before anybody is told that the node is ready.
    flush_all
}

install_node; exit
