#!/usr/bin/env python3
"""How fast charts of 1,000,000 ticks with eight series are in Chromium.

    tests/bench/page_charts.py [--controller FILE] [--ticks N] [--rounds N]

It wants `chromedriver` and `chromium`. Measured in the browser itself: from the beginning of the navigation to the
first frame in which every chart has its lines, and from a key that zooms to the frame after the values that it wants.
"""

import argparse
import json
import pathlib
import re
import signal
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request

from page import LIMIT, ROOT, scenario

# Runs before the page: notes when all charts have something in the middle of their drawing.
WATCH = """
const look = () => {
    const all = [...document.querySelectorAll('.uplot canvas')];
    const drawn = all.length > 0 && all.every((canvas) => {
        const { width, height } = canvas;
        if (width < 200 || height < 40) return false;
        const pixels = canvas.getContext('2d').getImageData(width / 2, 20, 8, height - 60).data;
        return pixels.some((part, at) => at % 4 === 3 && part > 200);
    });
    if (drawn) requestAnimationFrame(() => { globalThis.drawnAt = performance.now(); });
    else setTimeout(look, 10);
};
setTimeout(look, 10);
"""

ZOOM = """
const [key, done] = arguments;
const charts = document.querySelector('#charts');
const begun = performance.now();
charts.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
const look = () => {
    const asked = performance.getEntriesByType('resource').filter((each) => each.name.includes('/api/series') && each.startTime >= begun);
    if (asked.length > 0 && asked.every((each) => each.responseEnd > 0)) requestAnimationFrame(() => done(performance.now() - begun));
    else if (performance.now() - begun > 500) done(null);
    else setTimeout(look, 2);
};
look();
"""


class Browser:
    def __init__(self, folder):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True,
                                       env={"PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder})
        for line in self.driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                break
        self.base = f"http://127.0.0.1:{found[1]}"
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1366,900"]}
        wanted = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}}
        self.base += "/session/" + self.ask("/session", wanted)["sessionId"]

    def ask(self, path, content):
        request = urllib.request.Request(self.base + path, json.dumps(content).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def close(self):
        urllib.request.urlopen(urllib.request.Request(self.base, method="DELETE"), timeout=20)
        self.driver.terminate()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--controller", default=ROOT / "target/release/controller")
    parser.add_argument("--ticks", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    controller = pathlib.Path(options.controller).resolve()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        (pathlib.Path(folder) / "ring.yaml").write_text(scenario(options.ticks))
        subprocess.run([controller, "run", "--quiet", "ring.yaml"], cwd=folder, check=True, timeout=LIMIT)
        shown = subprocess.Popen([controller, "show", "out.csv", "--no-browser", "--page-listen", "127.0.0.1:0"],
                                 cwd=folder, stderr=subprocess.PIPE, text=True)
        watchdog = threading.Timer(LIMIT, shown.kill)
        watchdog.start()
        for line in shown.stderr:
            found = re.search(r"the page is at (http\S+)", line)
            if found:
                break
        # It is served once the result has been read.
        threading.Thread(target=shown.stderr.read, daemon=True).start()
        charts = ",".join(f"M{number}.out1" for number in range(8))
        browser = Browser(folder)
        browser.ask("/goog/cdp/execute", {"cmd": "Page.addScriptToEvaluateOnNewDocument", "params": {"source": WATCH}})
        paints, zooms = [], []
        for _ in range(options.rounds):
            browser.ask("/url", {"url": "about:blank"})
            browser.ask("/url", {"url": f"{found[1]}#view=charts&charts={charts}"})
            while (drawn := browser.ask("/execute/sync", {"script": "return globalThis.drawnAt", "args": []})) is None:
                time.sleep(0.05)
            paints.append(drawn)
            for key in ["+"] * 14 + ["-"] * 6:
                zooms.append(browser.ask("/execute/async", {"script": ZOOM, "args": [key]}))
        browser.close()
        shown.send_signal(signal.SIGTERM)
        shown.wait()
        watchdog.cancel()
    asked = [each for each in zooms if each is not None]
    print(f"{options.ticks:,} ticks × 8 series: first paint {statistics.median(paints):.0f} ms "
          f"(largest {max(paints):.0f}); zoom {statistics.median(asked):.0f} ms (largest {max(asked):.0f}, "
          f"{len(asked)} of {len(zooms)} asked for values)")


if __name__ == "__main__":
    main()
