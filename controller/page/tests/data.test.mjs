import assert from "node:assert/strict";
import { test } from "node:test";

import { Feed, need } from "../feed.js";
import { columns } from "../lines.js";
import { decodeSeries, extremes, indexAt, joined, valueAt } from "../series.js";

const series = (ticks, low, high = low, step = 1) => ({ step, ticks: Float64Array.from(ticks), low: Float64Array.from(low), high: Float64Array.from(high) });

function encode(all) {
  const size = 4 + all.reduce((sum, each) => sum + 8 + each.ticks.length * 24, 0);
  const view = new DataView(new ArrayBuffer(size));
  let at = 0;
  const word = (value) => view.setUint32((at += 4) - 4, value, true);
  word(all.length);
  for (const each of all) {
    word(each.ticks.length);
    word(each.step);
    for (const values of [each.ticks, each.low, each.high]) for (const value of values) view.setFloat64((at += 8) - 8, value, true);
  }
  return view.buffer;
}

test("series are decoded as they were sent, gaps included", () => {
  const sent = [series([0, 4], [1, NaN], [2, NaN], 4), series([], [])];
  assert.deepEqual(decodeSeries(encode(sent)), sent);
});

test("an answer that ends early is an error, whatever it claims to hold", () => {
  const whole = encode([series([0, 1], [1, 2])]);
  for (let length = 0; length < whole.byteLength; length += 1) assert.throws(() => decodeSeries(whole.slice(0, length)), /end early/);
  const view = new DataView(new ArrayBuffer(12));
  view.setUint32(0, 1, true);
  view.setUint32(4, 0xffffffff, true);
  assert.throws(() => decodeSeries(view.buffer), /end early/);
});

test("values are found at their ticks", () => {
  const each = series([0, 4, 8], [1, NaN, 3], [2, NaN, 5], 4);
  assert.deepEqual([-1, 0, 3, 4, 100].map((tick) => indexAt(each.ticks, tick)), [-1, 0, 0, 1, 2]);
  assert.deepEqual([valueAt(each, 2), valueAt(each, 5), valueAt(each, -1), valueAt(each, 9)], [{ low: 1, high: 2 }, null, null, { low: 3, high: 5 }]);
});

test("extremes are those of the part that is seen", () => {
  const each = series([0, 1, 2, 3], [5, 1, NaN, 9]);
  assert.deepEqual(extremes(each, 1, 2), { low: 1, high: 1 });
  assert.deepEqual(extremes(each, 0, 9), { low: 1, high: 9 });
  assert.equal(extremes(series([], []), 0, 9), null);
});

test("a tail takes the place of what it repeats", () => {
  const all = joined(series([0, 4, 8], [1, 2, 3], [1, 2, 3], 4), series([8, 12], [0, 4], [7, 4], 4));
  assert.deepEqual([...all.ticks], [0, 4, 8, 12]);
  assert.deepEqual([...all.high], [1, 2, 7, 4]);
});

const VIEW = { from: 100, to: 200, width: 400 };

test("what is seen is asked for with some room, within the run", () => {
  assert.deepEqual(need(undefined, VIEW, 210, 210), { from: 75, to: 210, points: 540, isTail: false });
});

test("what is there is not asked for again", () => {
  const held = { series: series([75, 225], [1, 1]), from: 75, to: 225 };
  assert.equal(need(held, VIEW, 1000, 1000), null);
});

test("while a run is live, only what is new is asked for", () => {
  const held = { series: series([75, 149, 150], [1, 1, 1]), from: 75, to: 151 };
  assert.deepEqual(need(held, VIEW, 1000, 160), { from: 150, to: 225, points: 300, isTail: true });
  assert.equal(need(held, VIEW, 1000, 151), null);
});

test("what is seen more closely is asked for more finely", () => {
  const coarse = { series: series([0, 16, 32], [1, 1, 1], [1, 1, 1], 16), from: 0, to: 1000 };
  assert.equal(need(coarse, VIEW, 1000, 1000).isTail, false);
});

test("tails do not pile up", () => {
  const many = Array.from({ length: 4000 }, (_, index) => 75 + index / 40);
  assert.equal(need({ series: series(many, many), from: 75, to: 175 }, VIEW, 1000, 176).isTail, false);
});

test("one round of requests is under way at a time, and the newest wish comes next", async () => {
  const asked = [];
  const waiting = [];
  const client = { series: (run, items, from, to) => new Promise((answer) => {
    asked.push({ run, items, from, to });
    waiting.push(() => answer(items.map(() => series([from, to - 1], [0, 1]))));
  }) };
  const settled = () => new Promise((done) => setImmediate(done));
  const feed = new Feed(client, () => {});
  const want = (from, to) => feed.want([{ id: 1, known: 1000 }], ["a.x", "b.y"], { from, to, width: 100 }, 1000);
  want(0, 100);
  want(300, 400);
  want(500, 600);
  assert.equal(asked.length, 1);
  assert.deepEqual(asked[0].items, ["a.x", "b.y"]);
  waiting[0]();
  await settled();
  assert.deepEqual(asked.map((each) => each.from), [0, 475]);
  waiting[1]();
  await settled();
  assert.equal(asked.length, 2);
  assert.deepEqual([...feed.get(1, "a.x").ticks], [475, 624]);
});

test("answers for a run that is over are dropped", async () => {
  let answer = null;
  const feed = new Feed({ series: () => new Promise((done) => (answer = done)) }, () => {});
  feed.want([{ id: 1, known: 10 }], ["a.x"], { from: 0, to: 10, width: 100 }, 10);
  feed.reset();
  answer([series([0], [1])]);
  await new Promise((done) => setImmediate(done));
  assert.equal(feed.get(1, "a.x"), undefined);
});

test("points that share a pixel are drawn from their least to their greatest value", () => {
  const at = { x: (tick) => tick / 4, y: (value) => -value };
  const points = columns(series([0, 1, 2, 3, 4, 5], [1, 5, -9, 2, 3, NaN]), 0, 5, at);
  assert.deepEqual(points, { x: [0, 1, 1.25], low: [9, -3, NaN], high: [-5, -3, NaN], isMerged: true });
});
