#!/usr/bin/env python3
"""How fast a chain of sites turns, against what the network allows and what others do.

    tests/bench/chain.py [--quick] [--rounds N] [--no-peers]

The chain: 8 sites, one cheap model each, each fed by the one before; the last one feeds the first one
step later (`ring`), or does not (`pipe`). In `ring4`, every second connection is time-shifted, so four
steps are on their way at a time. On loopback, and on a LAN of network namespaces whose switch
holds every frame for 250 µs (`lan.c`, needs root). Contestants take turns, several rounds; the table has
medians and their ratios to bare TCP.

    wire     bare TCP, 64 bytes a message, C (`wire.c`): messages round the ring, 1, 4 or 1000 under way
    ours     8 nodes and a controller (the chain's last value is recorded); the static nodes of node/build.sh
    ours-key the same with a cluster key, so that everything is encrypted
    ours-1   the same scenario in one process
    helics   value federates from C over core type tcp (PyPI `helics`)
    mosaik   one remote simulator a site (PyPI `mosaik`)

Everything is built and installed under target/bench. What cannot be had is said and left out. Prints
one line of JSON a measurement to standard error, then the table in Markdown, then the targets.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/bench"
WORK = ROOT / "target/bench"
SITES = 8
# How many messages of bare TCP are under way, for each kind of chain.
KINDS = {"ring": 1, "ring4": 4, "pipe": 1000}
LIMIT = 120  # seconds that any one process may take


def sh(*command, **options):
    return subprocess.run(command, check=True, text=True, capture_output=True, timeout=600, **options).stdout


def lacks(what, error=""):
    text = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    print(f"!!! {what} {text.strip()[-300:]}", file=sys.stderr)


class Place:
    """Where sites are: a command prefix and an address for each; site SITES is the controller's."""

    def __init__(self, name):
        self.name = name
        self.busy = []

    def prefix(self, site):
        return []

    def address(self, site):
        return f"127.0.0.{site + 1}"

    def start(self, site, command, **options):
        options.setdefault("stdout", subprocess.PIPE)
        process = subprocess.Popen([*self.prefix(site), *map(str, command)], text=True, **options)
        self.busy.append(process)
        return process

    def finish(self, process):
        """What a process says until it ends."""
        out, _ = process.communicate(timeout=LIMIT)
        if process.returncode != 0:
            raise RuntimeError(f"{process.args} ended with {process.returncode}: {out}")
        return out

    def clear(self):
        for process in self.busy:
            if process.poll() is None:
                process.terminate()
        for process in self.busy:
            try:
                process.communicate(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        self.busy = []

    def close(self):
        self.clear()


class Lan(Place):
    """A network namespace a site, behind a switch with a delay."""

    def __init__(self, name, delay_us):
        super().__init__(name)
        self.tag = f"ib{os.getpid()}"
        self.spaces = []
        self.switch = subprocess.Popen(
            [WORK / "lan", str(delay_us), f"{self.tag}t", str(SITES + 1)],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            if self.switch.stdout.readline() != "ready\n":
                raise RuntimeError("the switch does not start")
            for site in range(SITES + 1):
                space, tap = f"{self.tag}n{site}", f"{self.tag}t{site}"
                sh("ip", "netns", "add", space)
                self.spaces.append(space)
                sh("ip", "link", "set", tap, "netns", space)
                sh("ip", "-n", space, "addr", "add", f"{self.address(site)}/24", "dev", tap)
                sh("ip", "-n", space, "link", "set", tap, "up")
                sh("ip", "-n", space, "link", "set", "lo", "up")
        except BaseException:
            self.close()
            raise

    def prefix(self, site):
        return ["ip", "netns", "exec", self.spaces[site]]

    def address(self, site):
        return f"10.77.0.{site + 1}"

    def close(self):
        super().close()
        self.switch.stdin.close()
        self.switch.wait(timeout=5)
        for space in self.spaces:
            subprocess.run(["ip", "netns", "del", space], check=False)


port = 20000


def ports():
    """Ports nobody has used in this run."""
    global port
    port += 20
    return port


def wire(place, kind, steps, sites=SITES):
    base = ports()
    to = lambda site: f"{place.address(site % sites)}:{base + site % sites}"
    for site in range(1, sites):
        place.start(site, [WORK / "wire", "ring", base + site, to(site + 1)])
    lead = place.start(0, [WORK / "wire", "lead", steps, base, to(1), KINDS[kind]])
    return steps / json.loads(place.finish(lead))["run_s"]


def scenario(place, kind, steps, base, sites=SITES):
    """The chain as a scenario file, whose last value is recorded."""
    lines = ["scenario:", "  name: chain", "  start_time: '2012-01-01 00:00:00'",
             f"  end_time: '{end_of(steps)}'", "  time_resolution: 1", "models:"]
    for site in range(sites):
        lines += [f"- name: M{site}", "  type: Adder", "  inputs: {in1: 0.0, in2: 0.125}",
                  "  outputs: {out1: 0.0}"]
        if base is not None:
            lines.append(f"  connect: {{ip: '{place.address(site)}', port: {base + site}}}")
    lines.append("connections:")
    for site in range(1, sites):
        lines += [f"- from: M{site - 1}.out1", f"  to: M{site}.in1"]
        if kind == "ring4" and site % 2 == 0:
            lines.append("  time_shifted: true")
    if kind != "pipe":
        lines += [f"- from: M{sites - 1}.out1", "  to: M0.in1", "  time_shifted: true"]
    lines += ["monitor:", f"  file: {WORK}/chain.csv", "  items:", f"  - M{sites - 1}.out1", ""]
    path = WORK / "chain.yaml"
    path.write_text("\n".join(lines))
    return path


def end_of(steps):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(1325376000 + steps))


def start_nodes(place, sites, *trust):
    base = ports()
    for site in range(sites):
        node = place.start(site, [WORK / "illuminator-node", "serve", *trust, "--quiet", "--listen",
                                  f"{place.address(site)}:{base + site}"], stderr=subprocess.DEVNULL)
        node.stdout.readline()
    return base


def ours(place, kind, steps):
    base = start_nodes(place, SITES, "--insecure")
    return run(place, SITES, scenario(place, kind, steps, base), steps, "--insecure")


def new_key():
    key = WORK / "cluster.key"
    key.unlink(missing_ok=True)
    sh(WORK / "controller", "key", "new", "--key", key)
    return key


def ours_with_key(place, kind, steps):
    trust = ["--key", new_key()]
    base = start_nodes(place, SITES, *trust)
    return run(place, SITES, scenario(place, kind, steps, base), steps, *trust)


def start_up(place, rounds):
    """Seconds of a whole `controller run` of a day (96 steps) on 4 running nodes with a key, and of a
    round trip of bare TCP on the same way."""
    base = ports()
    place.start(0, [WORK / "wire", "echo", base])
    star = place.start(SITES, [WORK / "wire", "star", "50", f"{place.address(0)}:{base}"])
    trip = json.loads(place.finish(star))["us_p50"] / 1e6
    key = new_key()
    path = scenario(place, "pipe", 96, start_nodes(place, 4, "--key", key), 4)
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        place.finish(place.start(SITES, [WORK / "controller", "run", path, "--quiet", "--key", key]))
        times.append(time.perf_counter() - began)
    place.clear()
    return statistics.median(times), trip


def ours_long(place, kind, steps):
    return ours(place, kind, 20 * steps if kind == "pipe" else steps)


def ours_in_one(place, kind, steps):
    return run(place, SITES, scenario(place, kind, steps, None), steps)


def run(place, site, path, steps, *trust):
    controller = place.start(site, [WORK / "controller", "run", path, "--json", "--quiet", *trust])
    summary = json.loads(place.finish(controller))
    if summary["relayed"] or summary["rows"] != steps:
        raise RuntimeError(f"not a run to measure: {summary}")
    return steps / (summary["start_up_seconds"] + summary["seconds"])


def helics(place, kind, steps):
    if kind != "ring":
        return None
    base, library = ports(), WORK / "helics"
    options = {"env": {**os.environ, "LD_LIBRARY_PATH": str(library / "lib")}, "stderr": subprocess.STDOUT}
    here = place.address(0)
    place.start(0, [library / "bin/helics_broker", "-f", SITES, "-t", "tcp", f"--local_interface={here}",
                    f"--port={base}"], **options)
    sites = [place.start(site, [WORK / "helics_chain", site, SITES, steps, "tcp", "chain",
                                f"--broker_address={here} --brokerport={base} "
                                f"--local_interface={place.address(site)}"], **options)
             for site in range(SITES)]
    said = [place.finish(site) for site in sites]
    return steps / json.loads(said[0].strip().splitlines()[-1])["run_s"]


def mosaik(place, kind, steps):
    if kind != "ring":
        return None
    base, python = ports(), WORK / "venv/bin/python"
    addresses = [f"{place.address(site)}:{base + site}" for site in range(SITES)]
    for site, address in enumerate(addresses):
        place.start(site, [python, HERE / "mosaik_chain.py", "sim", address, "--remote"],
                    stderr=subprocess.DEVNULL)
    time.sleep(2)  # mosaik does not try again
    world = place.start(SITES, [python, HERE / "mosaik_chain.py", "connect", steps, *addresses],
                        stderr=subprocess.DEVNULL)
    return steps / json.loads(place.finish(world).strip().splitlines()[-1])["run_s"]


def build():
    WORK.mkdir(parents=True, exist_ok=True)
    built = os.environ.get("ILLUMINATOR_CONTROLLER")
    if not built:
        sh("cargo", "build", "--release", "--locked", "-p", "illuminator-controller", cwd=ROOT)
    shutil.copy(built or ROOT / "target/release/controller", WORK / "controller")
    shutil.copy(build_node(), WORK / "illuminator-node")
    for name in ["wire", "lan"]:
        sh("cc", "-O2", "-Wall", "-pthread", HERE / f"{name}.c", "-o", WORK / name)


def build_node():
    """The node as it is installed, static and small, or at least made in the same way."""
    target = f"{platform.machine()}-unknown-linux-musl"
    try:
        sh(ROOT / "node/build.sh", target)
        return ROOT / "target" / target / "node/illuminator-node"
    except subprocess.CalledProcessError as error:
        lacks("no static node here, so one with the system's C library is measured:", error)
    sh("cargo", "build", "--profile", "node", "--locked", "-p", "illuminator-node", cwd=ROOT)
    return ROOT / "target/node/illuminator-node"


def build_peers():
    """Which of the others can be had."""
    pip, found = WORK / "venv/bin/pip", {}
    try:
        if not pip.exists():
            sh("python3", "-m", "venv", WORK / "venv")
        sh(pip, "install", "--quiet", "mosaik")
        found["mosaik"] = mosaik
    except Exception as error:
        lacks("mosaik is not to be had here:", error)
    try:
        sh(pip, "install", "--quiet", "helics")
        root = pathlib.Path(sh(WORK / "venv/bin/python", "-c", "import helics; print(helics.__path__[0])").strip())
        link_helics(root)
        found["helics"] = helics
    except Exception as error:
        lacks("HELICS is not to be had here:", error)
    return found


def link_helics(package):
    """Builds the chain against the library in the Python package."""
    find = lambda pattern: next(iter(sorted(package.rglob(pattern))), None)
    header, library, broker = find("helics/helics.h"), find("libhelics.so*"), find("helics_broker")
    if not (header and library and broker):
        raise RuntimeError(f"no header, library or broker in {package}")
    for folder in ["lib", "bin"]:
        (WORK / "helics" / folder).mkdir(parents=True, exist_ok=True)
    for file in library.parent.glob("lib*.so*"):
        shutil.copy(file, WORK / "helics/lib")
    shutil.copy(broker, WORK / "helics/bin/helics_broker")
    (WORK / "helics/bin/helics_broker").chmod(0o755)
    sh("cc", "-O2", "-I", header.parents[1], HERE / "helics_chain.c", library, "-lm", "-o", WORK / "helics_chain",
       f"-Wl,-rpath,{WORK}/helics/lib")


def measure(place, contestants, steps, rounds, results):
    for _ in range(rounds):
        for name, (contestant, scale) in contestants.items():
            for kind in KINDS:
                count = max(20, int(steps[kind] * scale))
                try:
                    rate = contestant(place, kind, count)
                except Exception as error:
                    # Others may be left out; without these there is nothing to compare.
                    if name not in ["helics", "mosaik"]:
                        raise
                    lacks(f"{name} on {place.name}, {kind}:", error)
                    rate = None
                finally:
                    place.clear()
                if rate:
                    row = {"place": place.name, "kind": kind, "who": name, "steps_per_s": round(rate, 1)}
                    print(json.dumps(row), file=sys.stderr)
                    results.setdefault((place.name, kind, name), []).append(rate)


def median(results, *key):
    return statistics.median(results[key]) if key in results else None


def table(results):
    print("\n| where | chain | who | steps/s | of bare TCP |\n|---|---|---|---|---|")
    for (place, kind, name), rates in results.items():
        wire_rate = median(results, place, kind, "wire")
        rate = statistics.median(rates)
        ratio = f"{rate / wire_rate:.2f}" if wire_rate else "-"
        print(f"| {place} | {kind} | {name} | {rate:,.0f} | {ratio} |")


def check(text, value, target, at_least=True):
    if value is None:
        print(f"not measured: {text}")
        return
    holds = value >= target if at_least else value <= target
    print(f"{'holds' if holds else 'MISSED'}: {text}: {value:.2f} (target {'>=' if at_least else '<='} {target})")


def ratio(a, b):
    return a / b if a and b else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few steps, one round: does it work at all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-peers", action="store_true", help="leave HELICS and mosaik out")
    arguments = parser.parse_args()
    rounds, part = (1, 0.05) if arguments.quick else (arguments.rounds, 1)
    build()
    peers = {} if arguments.no_peers or arguments.quick else build_peers()
    contestants = {"wire": (wire, 1), "ours": (ours, 1), "ours-key": (ours_with_key, 1), "ours-1": (ours_in_one, 20)}
    if "helics" in peers:
        contestants["helics"] = (helics, 0.2)
    if "mosaik" in peers:
        contestants["mosaik"] = (mosaik, 0.05)
    results, started = {}, {}
    loopback = Place("loopback")
    measure(loopback, contestants, {"ring": 10_000 * part, "ring4": 20_000 * part, "pipe": 100_000 * part}, rounds, results)
    for delay in [250, 5000, 0]:
        try:
            lan = Lan(f"LAN, {delay} µs", delay)
        except Exception as error:
            lacks("no LAN of namespaces here, it takes root, iproute2 and /dev/net/tun:", error)
            break
        try:
            started[lan.name] = start_up(lan, max(5, rounds))
            if delay == 250:
                measure(lan, contestants, {"ring": 1000 * part, "ring4": 4000 * part, "pipe": 50_000 * part}, rounds, results)
            else:
                # Long enough that starting, and filling the pipe, do not count.
                pair = {"wire": (wire, 1), "ours": (ours_long, 1)}
                measure(lan, pair, {"ring": 100 * part, "ring4": 400 * part, "pipe": 50_000 * part}, rounds, results)
        finally:
            lan.close()
    table(results)
    print()
    if arguments.quick:
        print("few steps: start-up counts here, so nothing is compared with the targets")
        return
    rate = lambda *key: median(results, *key)
    fast, far, near = "LAN, 250 µs", "LAN, 5000 µs", "LAN, 0 µs"
    for place in [fast, "loopback", far]:
        for kind in KINDS:
            # A cycle turns in at most 1.15 times what its messages take.
            target = 0.85 if kind == "pipe" else 0.87
            check(f"{kind} on {place}, of bare TCP", ratio(rate(place, kind, "ours"), rate(place, kind, "wire")), target)
    for place in [fast, "loopback"]:
        check(f"ring on {place}, of HELICS", ratio(rate(place, "ring", "ours"), rate(place, "ring", "helics")), 2)
        check(f"pipe on {place}, of HELICS with feedback",
              ratio(rate(place, "pipe", "ours"), rate(place, "ring", "helics")), 30)
    check("time of a pipe with 5 ms links, of that with none", ratio(rate(near, "pipe", "ours"), rate(far, "pipe", "ours")),
          2, at_least=False)
    for place, (seconds, trip) in started.items():
        print(f"{'holds' if seconds <= 10 * trip + 0.02 else 'MISSED'}: a day on 4 running nodes, {place}, with a key: "
              f"{seconds * 1000:.1f} ms, a round trip {trip * 1000:.2f} ms (target <= 10 round trips + 20 ms)")


if __name__ == "__main__":
    main()
