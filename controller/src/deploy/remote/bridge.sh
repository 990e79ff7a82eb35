# shellcheck disable=SC2154 # the lines and the script before this one set what it does not
# Installs a bridge beside the node that is there, or brings it up to date. Fed to `sh -s` as root, behind
# the same lines as the installation of a node, and like that one done in full or taken back.

# Where its programs are at home.
home=/var/lib/illuminator-bridge

place_bridge_key() {
    place 'bridge key' "$config/bridge.key" 600 "$user:$user" <<END
$key
END
}

# What the owner of the machine has written stays, whatever it is.
place_configuration() {
    if test -e "$config/bridge.toml"; then
        printf 'kept %s\n' 'bridge configuration: it is there, and yours'
        return
    fi
    place 'bridge configuration' "$config/bridge.toml" 644 root:root <<'END'
@CONFIGURATION@
END
}

place_bridge_settings() {
    place 'bridge settings' "$config/bridge-deploy.toml" 644 root:root <<END
# Written by 'controller deploy'. Where bridge.toml beside it says something else, that holds.
listen = ["[::]:$port"]
END
}

# Python as the service finds it.
note_python() {
    # shellcheck disable=SC2016 # it is Python
    if PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        python3 -I -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
        return
    fi
    note "bridge: there is no Python 3.9 or later, so no class in Python runs there: 'sudo apt-get install python3', or name another one as 'interpreter' in $config/bridge.toml"
}

install_bridge() {
    begin
    make_user "$home"
    place_binary
    place_bridge_key
    place_configuration
    place_bridge_settings
    place_unit <<END
@UNIT@
END
    start_service
    note_python
    finish
}

install_bridge; exit
