#!/usr/bin/env bash
# debian-package.sh: installs, upgrades and purges the packages for this processor, in a copy of this system
# that is thrown away. Needs a Debian for amd64, root, and overlay mounts; exit code 77: not to be had here.
# Build the packages first: node/packaging/deb.sh says of what.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf '%s\n' "$*" >&2; exit 1; }
skip() { printf '%s\n' "$*" >&2; exit 77; }

names=(illuminator-node illuminator-bridge illuminator-controller)

files() { find /etc /usr /var/lib/systemd -path '*illuminator*'; }

as_service() { setpriv --reuid illuminator --regid illuminator --init-groups "$@"; }

# Inside the copy.
inside() {
    local key=/etc/illuminator/cluster.key before outcome
    before=$(files)
    # A Pi has these groups.
    groupadd --force gpio
    groupadd --force spi

    dpkg --install /illuminator-node.deb | grep 'has no key yet' || fail "nothing is said about the key"
    for group in illuminator gpio dialout spi; do
        id --name --groups illuminator | grep -qw "$group" || fail "the user is not in group $group"
    done
    as_service illuminator-node --version
    systemctl is-enabled illuminator-node
    systemd-analyze verify illuminator-node.service
    dpkg --verify illuminator-node

    printf '%064d\n' 1 >"$key"
    systemctl disable --quiet illuminator-node
    dpkg --install /illuminator-node.deb
    [ "$(stat --format='%U:%G %a' "$key")" = 'illuminator:illuminator 600' ] ||
        fail "others can read the key: $(ls -l "$key")"
    ! systemctl is-enabled --quiet illuminator-node || fail "an upgrade enables the service again"

    # As the service does it: with the configuration of the package, as its user.
    as_service timeout 2 illuminator-node serve >/said && outcome=0 || outcome=$?
    [ $outcome = 124 ] && grep 'listens on \[::\]:5123' /said || fail "the node does not serve"

    dpkg --purge illuminator-node
    [ "$(files)" = "$before" ] || fail "left after the purge: $(files)"

    dpkg --install /illuminator-{bridge,controller}.deb
    illuminator-bridge --version
    controller --version
    for page in controller controller-run illuminator-bridge-serve; do
        [ -s "/usr/share/man/man1/$page.1.gz" ] || fail "there is no manual page $page"
    done
    bash -c 'source /usr/share/bash-completion/completions/controller && complete -p controller'
    for node in x86_64-unknown-linux-musl aarch64-unknown-linux-musl armv7-unknown-linux-musleabihf \
        arm-unknown-linux-musleabi; do
        [ -x "/usr/lib/illuminator/nodes/illuminator-node-$node" ] || fail "there is no node for $node"
    done
    for name in illuminator-bridge illuminator-controller; do
        gzip --decompress --stdout "/usr/share/doc/$name/LICENCES.gz" >/licences
        grep -q '^\* musl, ' /licences || fail "$name has no licences"
    done
    dpkg --verify illuminator-bridge illuminator-controller
    dpkg --purge illuminator-bridge illuminator-controller
    [ "$(files)" = "$before" ] || fail "left after the purge: $(files)"
}

if [ "${1:-}" = inside ]; then
    inside
    exit
fi

packages=()
for name in "${names[@]}"; do
    package=$(echo "$PWD/target/debian/${name}"_*_amd64.deb)
    [ -e "$package" ] || skip "no package $name in target/debian: run node/packaging/deb.sh, which says what it needs"
    packages+=("$package")
done
[ "$(id -u)" = 0 ] || skip "only root can install packages"
for tool in dpkg systemctl systemd-analyze unshare; do
    command -v "$tool" >/dev/null || skip "$tool is missing"
done
copy=$(mktemp -d)
trap 'rmdir "$copy"' EXIT
# All mounts are gone when the shell in this namespace ends. Its network has no other ports in use.
unshare --mount --net bash -euo pipefail -c '
    mount -t tmpfs tmpfs "$1"
    mkdir "$1"/{new,work,root}
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1/new,workdir=$1/work" "$1/root" || exit 77
    mount -t proc proc "$1/root/proc"
    mount --bind /dev "$1/root/dev"
    cp "$2" "$1/root/script"
    for package in "${@:3}"; do
        name=${package##*/}
        cp "$package" "$1/root/${name%%_*}.deb"
    done
    chroot "$1/root" bash /script inside
' overlay "$copy" "$0" "${packages[@]}"
