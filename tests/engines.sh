#!/usr/bin/env bash
# Sweeps that others share out: Slurm, HyperQueue, Open MPI and GNU parallel. 10,000 variants in up to
# 64 tasks make the table of one process, to the byte, and result files that are its files. What is run of each engine is in a
# folder of tests/engines, which the pages in docs/sweeps show.
#
#   tests/engines.sh CONTROLLER [PYTHON]    an interpreter that has hyperqueue
#
# Everything is on this machine alone, in a folder of its own. 77: Slurm does not start here.
set -euo pipefail
export LC_ALL=C
controller=$(realpath "$1")
python=${2:+$(realpath -s "$2")}
root=$(realpath "$(dirname "$0")/..")
engines=$root/tests/engines
work=$(mktemp -d)
chmod 755 "$work"
export SLURM_CONF=$work/slurm/slurm.conf
ends=()
finish() {
    for end in "${ends[@]}"; do eval "$end" || true; done
    # Who has been ended may still write its last words.
    for _ in 1 2 3 4 5; do rm -rf "$work" 2>/dev/null && break; sleep 1; done
}
trap finish EXIT

ln -s "$root/scenarios" "$work/scenarios"
cd "$work"
sed -e "s/^    max_energy: .*/    max_energy: 90/" \
    -e "/^- name: Storage/,/^  states:/s/^  states:/  multi_parameters:\n    max_energy: 'range(1, 101, 1)'\n    max_p: 'range(1, 101, 1)'\n  states:/" \
    scenarios/power-balance.yaml >sweep.yaml
printf 'indicators:\n  sold: sum(Control.dump)\n  lowest: min(Storage.soc)\n' >>sweep.yaml
sed -e 's/range(1, 101, 1)/range(1, 6, 1)/' -e '/^indicators:/,$d' sweep.yaml >files.yaml

"$controller" sweep sweep.yaml -q -o whole.csv
[ "$(wc -l <whole.csv)" -eq 10001 ]
"$controller" sweep files.yaml -q
mv results whole

# What pages call 'controller' and 'python3'.
mkdir bin
ln -s "$controller" bin/controller
[ -z "$python" ] || printf '#!/bin/sh\nexec %q "$@"\n' "$python" >bin/python3
chmod +x bin/*
export PATH=$work/bin:$PATH

# engine FOLDER SCRIPT WHO: what a page shows makes the table of one process, with nothing beside it but its record, and
# makes nothing again where all is there.
engine() {
    local folder=$work/$1-${2%.sh} begun=$EPOCHREALTIME
    mkdir "$folder"
    cp "$engines/$1/"* "$folder"
    cp sweep.yaml "$folder"
    ln -s ../scenarios "$folder/scenarios"
    run_of_engine "$folder" "$2" "$3"
    printf '%-40s the table of one process, %s s\n' "$3" "$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $begun }")"
    touch -r "$folder/table.csv" "$folder/before"
    run_of_engine "$folder" "$2" "$3"
    if [ "$folder/table.csv" -nt "$folder/before" ]; then echo "$3: the table was made again" >&2; exit 1; fi
}

# run_of_engine FOLDER SCRIPT WHO: what is in there makes the table once.
run_of_engine() {
    (
        cd "$1"
        timeout 300 sh "$2" >output.txt 2>&1 || { cat output.txt sweep-*.txt >&2; exit 1; }
        cmp ../whole.csv table.csv || { echo "$3: the table is another one" >&2; exit 1; }
        if compgen -G 'table.part*' >/dev/null; then echo "$3: parts are left" >&2; exit 1; fi
    )
}

slurm() {
    mkdir -p slurm/state slurm/spool
    dd if=/dev/urandom of=slurm/munge.key bs=1024 count=1 status=none
    chmod 600 slurm/munge.key
    munged --force --socket="$work/slurm/munge.socket" --key-file="$work/slurm/munge.key" \
        --pid-file="$work/slurm/munge.pid" --log-file="$work/slurm/munge.log" --seed-file="$work/slurm/munge.seed" ||
        return 1
    ends+=("kill \$(cat $work/slurm/munge.pid)")
    local host
    host=$(hostname)
    cat >"$SLURM_CONF" <<CONF
ClusterName=sweeps
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$work/slurm/munge.socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$work/slurm/state
SlurmdSpoolDir=$work/slurm/spool
SlurmctldPidFile=$work/slurm/ctld.pid
SlurmdPidFile=$work/slurm/d.pid
SlurmctldLogFile=$work/slurm/ctld.log
SlurmdLogFile=$work/slurm/d.log
SlurmctldPort=16817
SlurmdPort=16818
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=10
CONF
    ends+=("kill \$(cat $work/slurm/d.pid $work/slurm/ctld.pid)")
    slurmctld && slurmd || return 1
    for _ in $(seq 40); do
        timeout 5 sinfo --noheader --format=%t 2>/dev/null | grep -q '^idle' && return
        sleep 0.5
    done
    return 1
}

if ! slurm; then
    echo "Slurm does not start here" >&2
    exit 77
fi
engine slurm submit-array.sh "Slurm, an array of 64"
engine slurm submit-steps.sh "Slurm, 3 x 2: start 5, step 3, srun"

# job SCRIPT OPTION…: a script of Slurm, and its end.
job() {
    printf '#!/bin/sh\n%s\n' "$1" >job.sh
    timeout 300 sbatch --wait --output='job-%a.txt' "${@:2}" job.sh >/dev/null || { cat job-*.txt >&2; exit 1; }
}
job "controller sweep sweep.yaml -o script.csv" --ntasks=2
cmp whole.csv script.csv
printf '%-40s the table of one process\n' "Slurm, a script that does it alone"
job "controller sweep files.yaml" --array=1-7
rm -f results/*.sweep.json whole/*.sweep.json
diff -r whole results
printf '%-40s the files of one process\n' "Slurm, an array of 7"

# A root of a container may start ranks as well.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
engine mpi run.sh "Open MPI, 4 ranks"
# It asks to be cited, once for each user.
export PARALLEL_HOME=$work/parallel
mkdir "$PARALLEL_HOME"
touch "$PARALLEL_HOME/will-cite"
engine gnu-parallel run.sh "GNU parallel, 8 parts"
if [ -n "$python" ]; then
    HOME=$work engine hyperqueue run.sh "HyperQueue, 64 tasks"
fi
