# shellcheck disable=SC2034,SC2154 # the lines and the script before this one set what it does not
# Installs a node or brings it up to date. Fed to `sh -s` as root, behind lines that set port,
# release, sum, upload, key, force (empty, or what is somebody else's may be replaced) and busy (empty,
# or why the node must not stop). All of it is in functions, so that a script that arrives in part does
# nothing; once it runs it comes to its end, or takes back what it did, whether or not anybody listens.

services=/etc/avahi/services

# A Debian package keeps its own files up to date.
leave_package() {
    test ! -e /usr/lib/systemd/system/$service && test ! -e /lib/systemd/system/$service ||
        fail "the package illuminator-node is installed there; 'sudo apt-get remove illuminator-node' first"
}

join_groups() {
    for group in gpio dialout spi; do
        grep -q "^$group:" /etc/group || continue
        case " $(id -Gn "$user") " in *" $group "*) continue ;; esac
        if has usermod; then usermod -a -G "$group" "$user"; else addgroup "$user" "$group"; fi ||
            fail "user $user: cannot be put in group $group"
        undo="leave $group; $undo"
        changed=yes
        did "user $user: in group $group"
    done
}

leave() {
    if has gpasswd; then gpasswd -d "$user" "$1" >/dev/null; else delgroup "$user" "$1"; fi
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

install_node() {
    begin
    leave_package
    make_user /nonexistent
    join_groups
    place_binary
    place_key
    place_settings
    place_unit <<END
@UNIT@
END
    start_service
    # It may listen elsewhere than it was told here.
    announced=$(listening "$user" | head -n 1)
    place_announcement "${announced:-$port}"
    finish
}

install_node; exit
