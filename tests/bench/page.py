#!/usr/bin/env python3
"""What a page costs a run: time with viewers and without, and memory.

    tests/bench/page.py [--controller FILE] [--ticks N] [--rounds N]

A ring of eight models of which all are recorded, in one process. Contestants take turns: without a page, with one that
nobody looks at, and with one that has three viewers: one reads all it is told, one takes 2 KB a second, and one never
reads. The tables have medians of the seconds that the run says it took, their ratios, and the largest memory of the
controller, here and with ten years of minutes.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 300  # seconds that any one run may take
MODELS = 8


def scenario(ticks):
    end = datetime.datetime(2014, 1, 1) + datetime.timedelta(minutes=ticks)
    lines = [
        "scenario: {name: ring, start_time: '2014-01-01 00:00:00', "
        f"end_time: '{end}', time_resolution: 60}}",
        "models:",
    ]
    for number in range(MODELS):
        lines += [f"- name: M{number}", "  type: Adder", "  inputs: {in1: 0.0, in2: 0.125}"]
    lines.append("connections:")
    for number in range(MODELS):
        lines.append(f"- {{from: M{number}.out1, to: M{(number + 1) % MODELS}.in1, time_shifted: {str(number + 1 == MODELS).lower()}}}")
    lines += ["monitor:", "  file: out.csv", "  items:"]
    lines += [f"  - M{number}.out1" for number in range(MODELS)]
    return "\n".join(lines) + "\n"


class Viewer(threading.Thread):
    """Reads what the page tells: all of it, so many bytes a second, or nothing."""

    def __init__(self, port, rate):
        super().__init__(daemon=True)
        self.rate = rate
        self.socket = socket.create_connection(("127.0.0.1", port))
        if rate is not None:
            # What is under way in the system is no part of a slow network.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        body = json.dumps({"viewer": f"v{id(self)}", "items": [f"M{n}.in1" for n in range(MODELS)]})
        watch = (f"POST /api/watch HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
                 f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}")
        with socket.create_connection(("127.0.0.1", port)) as first:
            first.sendall(watch.encode())
            assert b"204" in first.recv(100)
        self.socket.sendall(f"GET /api/events?viewer=v{id(self)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        self.start()

    def run(self):
        while self.rate != 0:
            try:
                if not self.socket.recv(65536 if self.rate is None else 200):
                    return
            except OSError:
                return
            if self.rate is not None:
                time.sleep(200 / self.rate)


def seconds(text):
    """What a run says at its end: `1,234 of 1,234 rows in out.csv, 1.234 s`."""
    found = re.search(r"rows in \S+, ([\d.]+) s", text)
    assert found, text
    return float(found[1])


def run(controller, folder, viewers, page=True):
    command = [controller, "run", "ring.yaml"]
    command += ["--page", "--no-browser", "--page-listen", "127.0.0.1:0"] if page else []
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    watchdog = threading.Timer(LIMIT, process.kill)
    watchdog.start()
    said, all_viewers = "", []
    for line in process.stderr:
        said += line
        found = re.search(r"the page is at http://127.0.0.1:(\d+)/", line)
        if found:
            all_viewers = [Viewer(int(found[1]), rate) for rate in viewers]
        if page and "rows in " in line:
            process.send_signal(signal.SIGTERM)
    # The largest memory, in kB.
    most = os.wait4(process.pid, 0)[2].ru_maxrss
    process.returncode = 0
    watchdog.cancel()
    for viewer in all_viewers:
        viewer.socket.close()
    return seconds(said), most


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--controller", default=ROOT / "target/release/controller")
    parser.add_argument("--ticks", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    controller = pathlib.Path(options.controller).resolve()
    contestants = {
        "no page": lambda folder: run(controller, folder, [], page=False),
        "a page, nobody looks": lambda folder: run(controller, folder, []),
        "three viewers": lambda folder: run(controller, folder, [None, 2000, 0]),
    }
    results = {name: [] for name in contestants}
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "ring.yaml").write_text(scenario(options.ticks))
        for _ in range(options.rounds):
            for name, contestant in contestants.items():
                results[name].append(contestant(folder))
        print(f"{options.ticks:,} ticks, {MODELS} models, {options.rounds} rounds\n")
        print("| | s | of that without a page | of that with one | memory, MB |")
        print("|---|---|---|---|---|")
        time_of = {name: statistics.median(each[0] for each in all_of) for name, all_of in results.items()}
        for name, all_of in results.items():
            memory = max(each[1] for each in all_of) / 1024
            first, second = (time_of[name] / time_of[other] for other in ("no page", "a page, nobody looks"))
            print(f"| {name} | {time_of[name]:.2f} | {first:.3f} | {second:.3f} | {memory:.0f} |")
        years = 10 * 365 * 1440
        (pathlib.Path(folder) / "ring.yaml").write_text(scenario(years))
        without, with_page = (run(controller, folder, [None] if page else [], page) for page in (False, True))
        print(f"\nten years of minutes, {years:,} ticks: {without[0]:.1f} s and {without[1] / 1024:.0f} MB without a page, "
              f"{with_page[0]:.1f} s and {with_page[1] / 1024:.0f} MB with one and a viewer")


if __name__ == "__main__":
    main()
