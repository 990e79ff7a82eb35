#!/usr/bin/env bash
# Sweeps that others share out: Slurm, HyperQueue, MPI and GNU parallel, each as it is installed. 10,000 variants in up to
# 64 tasks make the table of one process, to the byte, and result files that are its files.
#
#   tests/engines.sh CONTROLLER [PYTHON]    an interpreter that has hyperqueue
#
# Everything is on this machine alone, in a folder of its own. 77: Slurm does not start here.
set -euo pipefail
controller=$(realpath "$1")
python=${2:+$(realpath -s "$2")}
root=$(realpath "$(dirname "$0")/..")
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

# same TABLE WHO: it is that of one process, and nothing is left beside it.
same() {
    cmp whole.csv "$1" || { echo "$2: the table is another one" >&2; exit 1; }
    if compgen -G "${1%.csv}.part*" >/dev/null; then echo "$2: parts are left" >&2; exit 1; fi
    printf '%-40s the table of one process\n' "$2"
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

# job NAME TABLE OPTION…: a script of Slurm, and its end.
job() {
    local name=$1 command=$2
    shift 2
    printf '#!/bin/sh\n%s\n' "$command" >"$name.sh"
    timeout 300 sbatch --wait --output="$name-%a.txt" "$@" "$name.sh" >/dev/null ||
        { cat "$name"-*.txt >&2; exit 1; }
}

if ! slurm; then
    echo "Slurm does not start here" >&2
    exit 77
fi
job array "$controller sweep sweep.yaml -o array.csv" --array=1-64
same array.csv "Slurm, an array of 64"
job steps "srun $controller sweep sweep.yaml -o steps.csv" --array=5-11:3 --ntasks=2
same steps.csv "Slurm, 3 x 2: start 5, step 3, srun"
job script "$controller sweep sweep.yaml -o script.csv" --ntasks=2
same script.csv "Slurm, a script that does it alone"
job files "$controller sweep files.yaml" --array=1-7
rm -f results/*.sweep.json whole/*.sweep.json
diff -r whole results
printf '%-40s the files of one process\n' "Slurm, an array of 7"

if command -v mpirun >/dev/null; then
    timeout 120 mpirun --allow-run-as-root --oversubscribe -n 3 "$controller" sweep sweep.yaml -q -o mpi.csv
    same mpi.csv "Open MPI, 3 ranks"
fi
if command -v parallel >/dev/null; then
    timeout 120 parallel --will-cite "$controller" sweep sweep.yaml -q -o parallel.csv --shard '{}/8' ::: 1 2 3 4 5 6 7 8
    same parallel.csv "GNU parallel, 8 parts"
fi
if [ -n "$python" ]; then
    cat >tasks.py <<'PYTHON'
import sys
from hyperqueue import Job, LocalCluster

with LocalCluster(sys.argv[1]) as cluster:
    cluster.start_worker()
    client = cluster.client()
    job = Job()
    for _ in range(64):
        job.program(sys.argv[2:], stdout=None, stderr=None)
    client.wait_for_jobs([client.submit(job)])
PYTHON
    timeout 300 "$python" tasks.py "$work/hq" "$controller" sweep sweep.yaml -q -o hq.csv --shards 64 >hq.txt 2>&1 ||
        { cat hq.txt >&2; exit 1; }
    same hq.csv "HyperQueue, 64 tasks"
fi
