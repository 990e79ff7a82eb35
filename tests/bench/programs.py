#!/usr/bin/env python3
"""How fast chains of Python simulators turn, under the controller and under mosaik.

    tests/bench/programs.py [--controller FILE] [--python FILE] [--ticks N] [--rounds N]

A chain of N simulators, each a process of its own and fed by the one before (`link.py`), over the wire of mosaik.
Contestants take turns. The table has medians of ticks per second, and their ratio. `--python` is an interpreter
that has mosaik, such as that of the virtual environment which `.ci/run` makes.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIMIT = 300  # seconds that any one run may take

MOSAIK = """
import sys, time, mosaik
length, ticks = int(sys.argv[1]), int(sys.argv[2])
world = mosaik.World({"Link": {"cmd": "%(python)s " + sys.argv[3] + " %(addr)s"}})
links = [world.start("Link").Link() for _ in range(length)]
for source, target in zip(links, links[1:]):
    world.connect(source, target, ("out", "in"))
begun = time.perf_counter()
world.run(until=ticks, print_progress=False)
print("SECONDS", time.perf_counter() - begun)
"""


def scenario(length, ticks, python):
    lines = [
        "scenario: {name: chain, start_time: '2024-01-01 00:00:00', "
        f"end_time: '2024-01-{1 + ticks // 86400:02}"
        f" {ticks % 86400 // 3600:02}:{ticks % 3600 // 60:02}:{ticks % 60:02}', time_resolution: 1}}",
        "simulators:",
    ]
    command = f"%(python)s {HERE / 'link.py'} %(addr)s"
    lines += [f"  S{n}: {{command: '{command}', interpreter: '{python}'}}" for n in range(length)]
    lines += ["models:", *[f"- {{name: L{n}, type: S{n}.Link}}" for n in range(length)]]
    pairs = [f"- {{from: L{n}.out, to: L{n + 1}.in}}" for n in range(length - 1)]
    lines += ["connections:" + ("" if pairs else " []"), *pairs]
    lines += [f"monitor: {{file: chain.csv, items: [L{length - 1}.out]}}"]
    return "\n".join(lines) + "\n"


def ours(controller, python, length, ticks, folder):
    path = folder / f"chain{length}.yaml"
    path.write_text(scenario(length, ticks, python))
    command = [controller, "run", "--quiet", "--json", path, "--output", folder / "chain.csv"]
    run = subprocess.run(command, check=True, text=True, capture_output=True, timeout=LIMIT)
    last = (folder / "chain.csv").read_text().splitlines()[-1]
    assert last.endswith(f",{float(ticks - 1 + length)}"), last
    return ticks / json.loads(run.stdout)["seconds"]


def mosaik(python, length, ticks):
    command = [python, "-c", MOSAIK, str(length), str(ticks), HERE / "link.py"]
    run = subprocess.run(command, check=True, text=True, capture_output=True, timeout=LIMIT)
    seconds = [line.split()[1] for line in run.stdout.splitlines() if line.startswith("SECONDS")]
    return ticks / float(seconds[0])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--controller", default=ROOT / "target/release/controller")
    parser.add_argument("--python", default=ROOT / "target/mosaik/bin/python")
    parser.add_argument("--ticks", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print("| simulators | controller, ticks/s | mosaik, ticks/s | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for length in (1, 2, 4, 8):
            rates = []
            for _ in range(options.rounds):
                here = ours(options.controller, options.python, length, options.ticks, folder)
                rates.append((here, mosaik(options.python, length, options.ticks)))
            here, there = (statistics.median(rate) for rate in zip(*rates))
            print(f"| {length} | {here:.0f} | {there:.0f} | {here / there:.2f} |", flush=True)


if __name__ == "__main__":
    main()
