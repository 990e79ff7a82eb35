#!/usr/bin/env python3
"""Variants a second: in one process, on nodes, under the engines that share sweeps out, as runs from a shell, and as
runs of the Python Illuminator.

    tests/bench/sweeps.py [--controller FILE] [--node FILE] [--variants N] [--rounds N]
                          [--hyperqueue PYTHON] [--no-engines] [--reference FILE]

Variants of the four-day power balance (384 ticks of 8 models) with one indicator, but for the Python Illuminator, which
has the twelve of the conformance set (`--reference` names its program, in an environment with mpi4py). Processes of one
core are bound to it. Contestants take turns; the table has the median of each, and how far apart the rounds are.
"""

import argparse
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


class Node:
    """A node that serves, bound to a core."""

    def __init__(self, program, core):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.process = subprocess.Popen(
            ["taskset", "-c", str(core), program, "serve", "--listen", self.address, "--insecure", "--no-announce", "--devices", "none"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--controller", default=ROOT / "target/release/controller", type=pathlib.Path)
    parser.add_argument("--node", default=ROOT / "target" / TARGET / "node/illuminator-node", type=pathlib.Path)
    parser.add_argument("--variants", default=40_000, type=int)
    parser.add_argument("--rounds", default=5, type=int)
    parser.add_argument("--hyperqueue", help="an interpreter that has it")
    parser.add_argument("--no-engines", action="store_true")
    parser.add_argument("--reference", help="the program of the Python Illuminator")
    arguments = parser.parse_args()
    controller = str(arguments.controller.resolve())
    scenario = str(ROOT / "scenarios/power-balance.yaml")
    folder = pathlib.Path(tempfile.mkdtemp())
    nodes = [Node(str(arguments.node.resolve()), core) for core in range(2)]

    hundreds = max(1, arguments.variants // 100)
    sweep = ["sweep", scenario, "-q", "--set", f"Storage.max_energy=range(1,{hundreds + 1},1)"]
    sweep += ["--set", "Storage.max_p=range(1,101,1)", "--indicators", "bought=sum(Control.dump)"]

    def rate(prefix, options):
        command = [*prefix, controller, *sweep, *options, "-o", str(folder / "table.csv")]
        return 100 * hundreds / timed(command, cwd=ROOT)[0]

    def shell(jobs):
        loop = f"seq {RUNS} | xargs -P {jobs} -I@ {controller} run {scenario} -q --no-record --output {folder}/@.csv"
        return RUNS / timed(["sh", "-c", loop], cwd=ROOT)[0]

    contestants = [
        ("one process, one core", lambda: rate(["taskset", "-c", "0"], ["--jobs", "1"])),
        ("one process, two cores", lambda: rate([], ["--jobs", "2"])),
        ("one node, one core", lambda: rate([], ["--on", nodes[0].address, "--insecure"])),
        ("two nodes, a core each", lambda: rate([], ["--on", ",".join(node.address for node in nodes), "--insecure"])),
        ("runs from a shell, one at a time", lambda: shell(1)),
        ("runs from a shell, two at a time", lambda: shell(2)),
    ]
    try:
        rates = {name: [] for name, _ in contestants}
        for _ in range(arguments.rounds):
            for name, run in contestants:
                rates[name].append(run())
                for old in folder.iterdir():
                    old.unlink()
    finally:
        for node in nodes:
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


if __name__ == "__main__":
    main()
