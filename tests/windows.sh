#!/usr/bin/env bash
# windows.sh CONTROLLER.exe CONTROLLER NODE [TESTS.exe…]: does with the controller for Windows what its users do, under
# Wine: the main job, a sweep, a report, what is refused, a run over two nodes with a key, one that is interrupted and goes
# on, the page, and nodes that are started over ssh. Results are those of CONTROLLER, to the byte. NODE is for this machine.
#
# Instead of CONTROLLER.exe there may be the wheel for Windows (controller/python/build.sh): then it is the controller in
# that, laid out as pip does on Windows for one user, and the nodes beside it are those that it starts.
#
# Then it runs tests of libraries, if there are any. These are built, and named at the end, by
#   cargo test --no-run --lib -p illuminator-shared -p illuminator-controller --target x86_64-pc-windows-gnu
#
# Wine has its files in target/wine, and needs no display. Its ssh is tests/windows/ssh.rs, which hands what it is told to
# a shell of this machine; access lists, which Wine does not have, are those of tests/windows/access.rs. Exit code 77:
# something that this needs is not to be had here.
set -euo pipefail
export LC_ALL=C
exe=$(realpath "$1") controller=$(realpath "$2") node=$(realpath "$3")
shift 3
tests=()
for test; do tests+=("$(realpath "$test")"); done
root=$(realpath "$(dirname "$0")/..")
target=x86_64-pc-windows-gnu
export WINEPREFIX=$root/target/wine WINEDEBUG=-all
# Nothing is written outside of that folder, nothing is fetched, and two of the system's programs are ours.
export WINEDLLOVERRIDES="winemenubuilder.exe=d;mscoree,mshtml=d;icacls.exe,whoami.exe=n"
unset DISPLAY WAYLAND_DISPLAY

say() { printf '%s\n' "$*"; }
skip() { printf '%s\n' "$*" >&2; exit 77; }
fail() {
    local log
    for log in "$work"/*.log; do
        [ ! -s "$log" ] || { printf -- '--- %s\n' "${log##*/}"; cat "$log"; } >&2
    done
    printf '%s\n' "$*" >&2
    exit 1
}

for tool in wine wineserver x86_64-w64-mingw32-gcc rustc python3; do
    command -v "$tool" >/dev/null || [ -x "/usr/lib/wine/$tool" ] || skip "$tool is missing"
done
wineserver=$(command -v wineserver || echo /usr/lib/wine/wineserver)

work=$(mktemp -d)
# shellcheck source=tests/processes.sh
. "$root/tests/processes.sh"
tenths=300
# Ends what this script started: its own processes by their id, and those of Wine in its own folder.
finish() {
    end_processes
    timeout 20 "$wineserver" -k 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# starts FILE COMMAND…: starts a program of this machine; `started` is its process.
starts() {
    local log=$1
    shift
    "$@" >"$work/$log" 2>&1 </dev/null &
    started=$!
    processes+=("$started")
}

begun=$SECONDS
# Once more where the server of an earlier folder is still ending.
until_true Wine timeout 120 wine wineboot --init
mkdir "$work/programs"
own=$work/programs/controller.exe binaries=(--binaries nodes)
case $exe in
*.whl)
    # pip takes it for Windows. With --target it leaves nodes away, as they are for no folder of modules.
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-index --no-deps \
        --platform win_amd64 --only-binary :all: --target "$work/modules" "$exe" || fail "pip does not take the wheel for Windows"
    python3 -m zipfile --extract "$exe" "$work/wheel"
    # Commands in a folder of a version of Python, and the rest beside that.
    mkdir -p "$work/user/Python313/Scripts"
    mv "$work"/wheel/*.data/scripts/* "$work/user/Python313/Scripts"
    mv "$work"/wheel/*.data/data/* "$work/user"
    own=$work/user/Python313/Scripts/controller.exe binaries=()
    [ -s "$work/user/share/doc/illuminator-cluster/LICENCES.txt" ] || fail "the wheel has no licences"
    ;;
*) cp "$exe" "$own" ;;
esac
# Programs in Rust have the system's random numbers from here, which Wine has from version 9 on only.
printf '%s\n' 'LIBRARY bcryptprimitives' EXPORTS 'ProcessPrng = ADVAPI32.SystemFunction036' >"$work/random.def"
system=$WINEPREFIX/drive_c/windows/system32
x86_64-w64-mingw32-gcc -shared -nostdlib -Wl,--entry=0 -o "$system/bcryptprimitives.dll" "$work/random.def"
for program in ssh access; do
    rustc --edition 2024 --target "$target" -C debuginfo=0 -o "$work/programs/$program.exe" "$root/tests/windows/$program.rs"
done
for program in icacls whoami; do
    cp --remove-destination "$work/programs/access.exe" "$system/$program.exe"
done
say "Wine is ready after $((SECONDS - begun)) s: $(wine --version 2>/dev/null)"

ln -s "$root/scenarios" "$work/scenarios"
cd "$work"
mkdir expected
if [[ $exe = *.whl ]]; then
    timeout 120 wine "${own%/*}/illuminator-bridge.exe" --version >bridge.log 2>&1 </dev/null || fail "no bridge"
    say "the wheel has controller, bridge, nodes and licences"
fi
# patient LOG COMMAND…: a command that says in the log what is wrong. Rarely, on a busy machine, a program that it starts ends
# before it has begun, which Wine calls an internal error of its own (1359); then the command is started once more.
patient() {
    local log=$1 attempt outcome said
    shift
    touch "$log"
    for attempt in 1 2 3; do
        outcome=0
        said=$(wc -c <"$log")
        "$@" || outcome=$?
        if [ $outcome -eq 0 ] || ! tail -c "+$((said + 1))" "$log" | grep -qF "(os error 1359)"; then break; fi
        say "Wine did not start what $1 starts (attempt $attempt)" >&2
    done
    return $outcome
}
# windows ARGUMENT…: the controller.
windows() { patient "$work/said.log" controller "$@"; }
controller() { timeout 120 wine "$own" "$@" 2>>"$work/said.log" </dev/null; }
# tests_of PACKAGE: those of a library. They find their data as cargo has them: in the folder of their package.
tests_of() { (cd "$root/$1" && timeout 600 wine "$work/programs/$1-tests.exe") >>"$work/$1.log" 2>&1; }
# refused CODE WORDS ARGUMENT…: what is refused, with this exit code and these words.
refused() {
    local code=$1 words=$2 outcome=0
    shift 2
    timeout 120 wine "$own" "$@" >refused.log 2>&1 </dev/null || outcome=$?
    [ "$outcome" = "$code" ] || fail "code $outcome instead of $code: $*"
    grep -qF -- "$words" refused.log || fail "nobody says '$words': $*"
}
same() { cmp "$1" "$2" || fail "$3 is another one"; }

"$controller" run scenarios/power-balance.yaml --quiet -o expected/run.csv
windows run scenarios/power-balance.yaml --quiet -o run.csv || fail "it does not run"
same expected/run.csv run.csv "the result"
# Once more, in its place.
windows run scenarios/power-balance.yaml --quiet -o run.csv || fail "it does not run twice"
same expected/run.csv run.csv "the result of the second run"
windows check scenarios/power-balance.yaml scenarios/congestion.yaml scenarios/story.yaml >check.txt || fail "check"
"$controller" check scenarios/power-balance.yaml scenarios/congestion.yaml scenarios/story.yaml >expected/check.txt
same expected/check.txt check.txt "what is checked"
for command in "models Battery" "totals run.csv" "plot run.csv Storage.soc" "run --help" --version; do
    read -r -a words <<<"$command"
    windows "${words[@]}" >output.txt || fail "$command"
    "$controller" "${words[@]}" >expected/output.txt 2>/dev/null
    same expected/output.txt output.txt "$command"
done
windows report run.csv -o report.html >/dev/null || fail report
grep -q '</html>' report.html || fail "the report is not whole"
sweep=(sweep scenarios/power-balance.yaml --set 'Storage.max_energy=range(10,210,10)' --indicators totals --quiet)
"$controller" "${sweep[@]}" -o expected/table.csv
windows "${sweep[@]}" -o table.csv || fail sweep
same expected/table.csv table.csv "the table"
windows new power-balance first >/dev/null || fail new
(cd first && windows run scenario.yaml --quiet -o ../first.csv) || fail "a new scenario does not run"
say "the main job, checks, a sweep and a new scenario are those of Linux"

refused 1 "did you mean 'run'" runn
refused 2 "there is no such file" run scenarios/nothing.yaml
refused 2 "it is a folder" run scenarios
refused 1 "is there already" new power-balance first
say "what is wrong is refused, with its code"

export ACCESS_LIST=$work/list
echo 'D:AI(A;ID;FA;;;SY)(A;ID;0x1301bf;;;AU)(A;ID;FR;;;S-1-5-21-1-2-3-1001)' >list
windows key new --key closed.key >/dev/null || fail "no key is closed"
grep -qF '(A;;FA;;;S-1-5-21-1-2-3-1001)' list || fail "nobody closes a key"
refused 4 "nothing listens there" nodes 127.0.0.1:9 --key closed.key
echo 'D:AI(A;ID;FA;;;BA)(A;ID;FR;;;S-1-5-21-1-2-3-1001)(A;ID;FR;;;BU)(A;ID;FR;;;S-1-5-21-1-2-3-1002)' >list
refused 1 "open to others than its owner (Users, S-1-5-21-1-2-3-1002); say 'icacls" nodes 127.0.0.1:9 --key closed.key
unset ACCESS_LIST
say "a key that others have rights on is refused, and one that is made is closed to them"

windows key new --key cluster.key >/dev/null || fail "no key"
refused 1 "there is a key already" key new --key cluster.key
# Wine makes it as it makes all files; see docs/windows.md.
chmod 600 cluster.key
for address in 127.0.0.1 127.0.0.2; do
    starts "$address.log" "$node" serve --listen "$address:0" --key cluster.key
    until_true "a node" grep -q "listens on" "$address.log"
done
port() { sed -n 's/.* listens on .*:\([0-9]*\)$/\1/p' "$1.log"; }
sed -e "s/'127.0.0.1', port: 5123/'127.0.0.1', port: $(port 127.0.0.1)/" \
    -e "s/'127.0.0.2', port: 5123/'127.0.0.2', port: $(port 127.0.0.2)/" \
    scenarios/power-balance-cluster.yaml >cluster.yaml
"$controller" run cluster.yaml --local --quiet -o expected/cluster.csv
windows run cluster.yaml --key cluster.key --quiet -o cluster.csv || fail "it does not run on nodes"
same expected/cluster.csv cluster.csv "the result of nodes"
windows nodes cluster.yaml --key cluster.key >nodes.log || fail nodes
[ "$(grep -c x86_64 nodes.log)" = 2 ] || fail "there are not two nodes"
windows key new --key other.key >/dev/null
refused 4 "another cluster key" run cluster.yaml --key other.key
say "two nodes give the same bytes, and know their key"

# ends SIGNAL CODE NAME: a run that is ended in its middle leaves whole rows, and goes on from there.
ends() {
    starts "$3.log" wine "$own" run scenarios/power-balance.yaml --pace 50/s -o "$3.csv"
    until_true "rows" grep -q 2026-07-06 "$3.partial.csv"
    kill "-$1" "$started"
    local outcome=0
    # The shell would say that it was killed.
    { wait "$started" || outcome=$?; } 2>/dev/null
    [ "$outcome" = "$2" ] || fail "code $outcome instead of $2 after SIG$1"
    local rows
    rows=$(wc -l <"$3.partial.csv")
    cmp "$3.partial.csv" <(head -n "$rows" expected/run.csv) || fail "rows are not whole after SIG$1"
    windows run scenarios/power-balance.yaml --quiet --resume -o "$3.csv" || fail "no run goes on after SIG$1"
    same expected/run.csv "$3.csv" "the result after SIG$1"
}
# Ctrl-C, as Wine has it.
ends INT 130 interrupted
ends KILL 137 killed
say "a run that is interrupted or killed leaves whole rows, and goes on"

starts page.log wine "$own" run scenarios/power-balance.yaml --page --page-listen 127.0.0.1:0 -o page.csv
until_true "the address of the page" grep -q http://127.0.0.1: page.log
address=$(grep -o 'http://127.0.0.1:[0-9]*' page.log | head -n 1)
python3 -c 'import sys, urllib.request
page = urllib.request.urlopen(sys.argv[1], timeout=30).read().decode()
sys.exit("</html>" not in page)' "$address/" || fail "no page"
kill -INT "$started"
wait "$started" || true
say "the page is served"

mkdir nodes home
cp "$node" nodes/illuminator-node-x86_64-unknown-linux-musl
starts sshd.log python3 "$root/tests/windows/sshd.py" "$work/home"
until_true "a shell" test -s sshd.log
free=$(python3 -c 'import socket
with socket.create_server(("127.0.0.3", 0)) as listener: print(listener.getsockname()[1])')
sed -e "s/'127.0.0.[12]', port: 5123/'127.0.0.3', port: $free/" scenarios/power-balance-cluster.yaml >started.yaml
SSH_SERVER=127.0.0.1:$(head -n 1 sshd.log) WINEPATH="Z:${work//\//\\}\\programs" \
    windows run started.yaml --start "${binaries[@]}" --key cluster.key --quiet -o started.csv || fail "no node is started"
same expected/cluster.csv started.csv "the result of a node that was started"
[ -z "$(ls -A home)" ] || fail "something is left where the node was started"
say "a node that is started over ssh, with scripts and the node through pipes, gives the same bytes"

for test in "${tests[@]}"; do
    package=${test##*/} package=${package%-*}
    cp "$test" "programs/$package-tests.exe"
    patient "$work/$package.log" tests_of "$package" || fail "tests of $package fail"
    say "$package: $(grep '^test result:' "$package.log" | tail -n 1)"
done
