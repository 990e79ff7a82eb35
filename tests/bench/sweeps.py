#!/usr/bin/env python3
"""Variants a second: in one process, on nodes, under the engines that share sweeps out, as runs from a shell, and as
runs of the Python Illuminator.

    tests/bench/sweeps.py [--controller FILE] [--node FILE] [--variants N] [--rounds N] [--parts]
                          [--hyperqueue PYTHON] [--no-engines] [--reference FILE]

Variants of the four-day power balance (384 ticks of 8 models) with one indicator, but for the Python Illuminator, which
has the twelve of the conformance set (`--reference` names its program, in an environment with mpi4py). Processes of one
core are bound to it. Contestants take turns; the table has the median of each, and how far apart the rounds are. How many
times one node two are is told by rounds, as machines drift, beside how many times one process two are that have
nothing in common but the machine: more than that cannot be had of it.

With `--parts`, one, two and four nodes have two fifths of a core each, by the kernel's quota (as root): more nodes than
there are cores, none of which waits for another one's core.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = f"{os.uname().machine}-unknown-linux-musl"
LIMIT = 600  # seconds that any one of them may take
RUNS = 60  # from a shell


def timed(command, **options):
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, **options)
    seconds = time.monotonic() - begun
    if done.returncode != 0:
        raise SystemExit(f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return seconds, done.stdout


class Part:
    """A part of a core, for the processes in it."""

    PERIOD = 10_000  # µs, in which a process has its part and then waits

    def __init__(self, share):
        root = pathlib.Path("/sys/fs/cgroup")
        quota = int(share * self.PERIOD)
        if (root / "cgroup.controllers").exists():
            (root / "cgroup.subtree_control").write_text("+cpu")
            limits = {"cpu.max": f"{quota} {self.PERIOD}"}
        else:
            root /= "cpu"
            limits = {"cpu.cfs_period_us": str(self.PERIOD), "cpu.cfs_quota_us": str(quota)}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sweeps-", dir=root))
        for name, limit in limits.items():
            (self.folder / name).write_text(limit)

    def take(self, process):
        (self.folder / "cgroup.procs").write_text(str(process))

    def end(self):
        self.folder.rmdir()


class Node:
    """A node that serves, bound to a core, or to a part of it."""

    def __init__(self, program, core, part=None):
        self.part = part
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.process = subprocess.Popen(
            ["taskset", "-c", str(core), program, "serve", "--listen", self.address, "--insecure", "--no-announce", "--devices", "none"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=part and (lambda: part.take(os.getpid())))
        for _ in range(100):
            try:
                socket.create_connection(self.address.split(":"), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"no node listens on {self.address}")

    def end(self):
        self.process.terminate()
        self.process.wait(10)
        if self.part:
            self.part.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--controller", default=ROOT / "target/release/controller", type=pathlib.Path)
    parser.add_argument("--node", default=ROOT / "target" / TARGET / "node/illuminator-node", type=pathlib.Path)
    parser.add_argument("--variants", default=40_000, type=int)
    parser.add_argument("--rounds", default=5, type=int)
    parser.add_argument("--parts", action="store_true", help="nodes with parts of cores too (as root)")
    parser.add_argument("--hyperqueue", help="an interpreter that has it")
    parser.add_argument("--no-engines", action="store_true")
    parser.add_argument("--reference", help="the program of the Python Illuminator")
    arguments = parser.parse_args()
    controller = str(arguments.controller.resolve())
    scenario = str(ROOT / "scenarios/power-balance.yaml")
    folder = pathlib.Path(tempfile.mkdtemp())
    program = str(arguments.node.resolve())
    nodes = [Node(program, core) for core in range(2)]
    confined = [Node(program, number % 2, Part(0.4)) for number in range(4 if arguments.parts else 0)]

    hundreds = max(1, arguments.variants // 100)
    sweep = ["sweep", scenario, "-q", "--set", f"Storage.max_energy=range(1,{hundreds + 1},1)"]
    sweep += ["--set", "Storage.max_p=range(1,101,1)", "--indicators", "bought=sum(Control.dump)"]

    def rate(prefix, options):
        command = [*prefix, controller, *sweep, *options, "-o", str(folder / "table.csv")]
        return 100 * hundreds / timed(command, cwd=ROOT)[0]

    def apart():
        commands = [["taskset", "-c", str(core), controller, *sweep, "--jobs", "1", "-o", f"{folder}/{core}.csv"] for core in range(2)]
        with concurrent.futures.ThreadPoolExecutor() as side_by_side:
            seconds = list(side_by_side.map(lambda command: timed(command, cwd=ROOT)[0], commands))
        return sum(100 * hundreds / each for each in seconds)

    def on(nodes):
        return rate([], ["--on", ",".join(node.address for node in nodes), "--insecure"])

    def shell(jobs):
        loop = f"seq {RUNS} | xargs -P {jobs} -I@ {controller} run {scenario} -q --no-record --output {folder}/@.csv"
        return RUNS / timed(["sh", "-c", loop], cwd=ROOT)[0]

    contestants = [
        ("one process, one core", lambda: rate(["taskset", "-c", "0"], ["--jobs", "1"])),
        ("two processes, a core each", apart),
        ("one process, two cores", lambda: rate([], ["--jobs", "2"])),
        ("one node, one core", lambda: on(nodes[:1])),
        ("two nodes, a core each", lambda: on(nodes)),
        ("runs from a shell, one at a time", lambda: shell(1)),
        ("runs from a shell, two at a time", lambda: shell(2)),
    ]
    if confined:
        contestants += [
            ("one node, two fifths of a core", lambda: on(confined[:1])),
            ("two nodes, two fifths of a core each", lambda: on(confined[:2])),
            ("four nodes, two fifths of a core each", lambda: on(confined)),
        ]
    try:
        rates = {name: [] for name, _ in contestants}
        for _ in range(arguments.rounds):
            for name, run in contestants:
                rates[name].append(run())
                for old in folder.iterdir():
                    old.unlink()
    finally:
        for node in nodes + confined:
            node.end()
        shutil.rmtree(folder)
    print("| | variants/s | least and most |\n|---|---|---|")
    for name, all_rates in rates.items():
        print(f"| {name} | {statistics.median(all_rates):,.0f} | {min(all_rates):,.0f} to {max(all_rates):,.0f} |")

    if not arguments.no_engines:
        # 10,000 variants each; starting tasks is nearly all of it.
        command = [str(ROOT / "tests/engines.sh"), controller]
        command += [arguments.hyperqueue] if arguments.hyperqueue else []
        for line in timed(command)[1].splitlines():
            if found := re.fullmatch(r"(.*?) +the table of one process, (\d+\.\d+) s", line):
                print(f"| {found[1]} | {10_000 / float(found[2]):,.0f} | |")
    if arguments.reference:
        with tempfile.TemporaryDirectory() as where:
            shutil.copytree(ROOT / "tests/conformance/data", f"{where}/data")
            shutil.copy(ROOT / "tests/conformance/parallel/p01_product.yaml", where)
            os.mkdir(f"{where}/res")  # the Python Illuminator does not make it
            seconds, _ = timed([arguments.reference, "scenario", "run_parallel", "p01_product.yaml"], cwd=where)
            print(f"| the Python Illuminator, 12 variants of p01_product | {12 / seconds:.1f} | |")
            seconds, _ = timed([controller, "sweep", "p01_product.yaml", "-q"], cwd=where)
            print(f"| one process, the same | {12 / seconds:,.0f} | |")
    print()
    for two, one in [("two nodes, a core each", "one node, one core"), ("two processes, a core each", "one process, one core")]:
        ratios = [a / b for a, b in zip(rates[two], rates[one])]
        print(f"{two}: {statistics.median(ratios):.2f} times {one} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
