import assert from "node:assert/strict";
import { test } from "node:test";

import { Live } from "../run.js";
import { Waits, ticksBehind, waitText, waiterName } from "../waits.js";

const RUN = { sites: [{ name: "this machine" }, { name: "10.0.0.1:5123" }], models: [{ name: "Control" }, { name: "Storage" }] };
const site = (index, waits, tick = 10) => ({ site: index, tick, note: null, temperature: null, load: null, waits });
const forStorage = (tick = 96) => ({ model: 0, source: 1, site: 1, tick });

test("who waits for a moment does not count", () => {
  const waits = new Waits();
  waits.take([site(0, forStorage())]);
  assert.equal(waits.awaited.size, 0);
  assert.equal(waits.of(0), null);
});

test("who waits in two samples, one after the other, does", () => {
  const waits = new Waits();
  waits.take([site(0, forStorage(96))]);
  waits.take([site(0, forStorage(97))]);
  assert.deepEqual([...waits.awaited], [[1, [{ site: 0, model: 0, tick: 97 }]]]);
  assert.equal(waits.of(0).tick, 97);
  waits.take([site(0, null)]);
  assert.equal(waits.awaited.size, 0);
  waits.take([site(0, forStorage())]);
  assert.equal(waits.awaited.size, 0);
});

test("a model is waited for, whichever site waits", () => {
  const waits = new Waits();
  waits.take([site(0, forStorage()), site(2, null)]);
  waits.take([site(0, null), site(2, { model: null, source: 1, site: 1, tick: 5 })]);
  assert.deepEqual([...waits.awaited], [[1, [{ site: 2, model: null, tick: 5 }]]]);
  assert.equal(waits.of(2), null);
});

test("a site that waits for room waits for no model", () => {
  const waits = new Waits();
  for (let sample = 0; sample < 2; sample += 1) waits.take([site(0, { model: 0, source: null, site: 1, tick: 3 })]);
  assert.equal(waits.awaited.size, 0);
  assert.equal(waitText(RUN, waits.of(0)), "waits for room at 10.0.0.1:5123");
});

test("waits are told by names", () => {
  assert.equal(waitText(RUN, forStorage()), "waits for Storage");
  assert.equal(waiterName(RUN, { site: 0, model: 0 }), "Control");
  assert.equal(waiterName(RUN, { site: 1, model: null }), "10.0.0.1:5123");
});

test("nobody waits once the run is over", () => {
  const live = new Live();
  live.take("state", { ...live.state, phase: "running" });
  for (let sample = 0; sample < 2; sample += 1) live.take("sites", [site(0, forStorage())]);
  assert.equal(live.awaited.size, 1);
  live.take("ended", { phase: "ended", text: "", rows: 1 });
  assert.equal(live.awaited.size, 0);
});

test("sites are behind the one that is furthest", () => {
  const sites = new Map([[0, site(0, null, 100)], [1, site(1, null, 95)], [2, site(2, null, null)]]);
  assert.deepEqual([0, 1, 2, 3].map((index) => ticksBehind(sites, index)), [0, 5, 0, 0]);
});
