# shellcheck disable=SC2034,SC2154 # the lines before and the script behind this one have the rest
# How a program becomes a service. Stands before the scripts that install one, and behind lines that set
# kind (what it is, in a word), program and user.

# What stands before steps, and what there is to be taken back.
case $kind in
node) lead='' all=everything ;;
*) lead="$kind " all="all of the $kind" ;;
esac
binary=/usr/local/bin/$program
config=/etc/illuminator
service=$program.service
unit=/etc/systemd/system/$service

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
    '' | inactive) note "$all is as it was before" ;;
    active)
        if test -z "$restarted" || is_up; then
            note "$all is as it was before"
        else
            note "the files are as they were before; the $kind that ran does not come up again: $(last_words)"
        fi
        ;;
    *) note "$all is as it was before, with a $kind that did not run then either" ;;
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
    if has userdel; then userdel "$user"; else deluser "$user"; fi
    ! grep -q "^$user:" /etc/group || groupdel "$user" 2>/dev/null || delgroup "$user"
}

# make_user HOME
make_user() {
    if known=$(grep "^$user:" /etc/passwd); then
        case $known in
        */nologin | */false) kept "user $user" ;;
        *) fail "user $user: somebody logs in by that name; give that user another one" ;;
        esac
        return
    fi
    if has useradd; then
        useradd --system --user-group --no-create-home --home-dir "$1" --shell /usr/sbin/nologin "$user"
    else
        addgroup -S "$user" && adduser -S -D -H -h "$1" -s /sbin/nologin -G "$user" "$user"
    fi || fail "user $user: cannot be made"
    undo="remove_user; $undo"
    did "user $user: made"
}

place_binary() {
    if test -z "$upload"; then
        kept "${lead}binary"
        return
    fi
    test "$(sum_of "$upload")" = "$sum" || fail "${lead}binary: it did not arrive in full; deploy again"
    place "${lead}binary" "$binary" 755 root:root <"$upload"
    rm -f "$upload"
    said=$("$binary" --version 2>&1)
    test "$said" = "$program $release" ||
        fail "${lead}binary: it should say '$program $release' and says '$said'"
}

# place_unit: standard input becomes the unit of the service.
place_unit() {
    if test ! -d "${unit%/*}"; then
        note "${lead}service: there is no ${unit%/*}; start '$binary serve' by other means"
        return
    fi
    place "${lead}service" "$unit" 644 root:root
}

# Whether the service runs and its program listens, and still does half a second later.
is_up() {
    good=0
    tries=0
    while test "$tries" -lt 20; do
        if systemctl is-active --quiet "$service" && test -n "$(listening "$user")"; then
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

# What the program said last, or how systemd saw its end.
last_words() {
    journalctl --sync >/dev/null 2>&1
    words=$(journalctl --identifier "$program" --since "@$since" --lines 20 --output cat 2>/dev/null |
        uniq | tail -n 2 | tr '\n' ' ')
    printf '%s\n' "${words:-it says nothing; systemd: $(systemctl show --property Result "$service")}"
}

# Has the controller see whether it reaches the program. One that is gone by now does not say 'back'.
confirm() {
    printf 'listens %s\n' "$(listening "$user" | tr '\n' ' ')"
    word=
    read -r word reason || return 0
    test "$word" != back || fail "$reason"
}

start_service() {
    if test ! -d /run/systemd/system; then
        note "${lead}start: systemd does not run here, so the service is not started"
        return
    fi
    if ! systemctl is-enabled --quiet "$service" 2>/dev/null; then
        systemctl daemon-reload
        undo="systemctl disable --quiet $service; $undo"
        systemctl enable --quiet "$service" || fail "${lead}start: the service cannot be enabled"
        did "${lead}start: enabled at boot"
    fi
    if test -z "$changed" && test "$was" = active; then
        kept "${lead}start"
    else
        test -z "$busy" || fail "${lead}start: $busy"
        restarted=yes
        systemctl daemon-reload
        start_anew restart && is_up || fail "${lead}start: the $kind does not come up: $(last_words)"
        if test "$was" = active; then did "${lead}start: started again"; else did "${lead}start: started"; fi
    fi
    confirm
}

# begin: speaks from here on, whether or not anybody listens.
begin() {
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
}

# finish: what was replaced is given up.
finish() {
    # shellcheck disable=SC2086 # paths without spaces
    test -z "$olds" || rm -f $olds
    # The folders, too, are on the disk before anybody is told that the program is ready.
    flush_all
}

