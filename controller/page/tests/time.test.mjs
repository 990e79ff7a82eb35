import assert from "node:assert/strict";
import { test } from "node:test";

import { Calendar, parseReading } from "../calendar.js";
import { Range } from "../range.js";

test("readings have no zone", () => {
  assert.equal(parseReading("1970-01-02 00:00:01"), 86401);
  assert.ok(Number.isNaN(parseReading("soon")));
});

test("a tick is start plus tick times resolution", () => {
  const calendar = new Calendar("2026-07-06 00:00:00", 900);
  assert.equal(calendar.shown(5), "Mon 6 Jul 2026 01:15");
  assert.equal(calendar.shown(96), "Tue 7 Jul 2026 00:00");
  assert.equal(new Calendar("2026-07-06 00:00:00", 5).shownHour(3), "00:00:15");
});

test("marks of an axis are round, from minutes to years", () => {
  const calendar = new Calendar("2026-07-06 00:00:00", 900);
  const labels = (from, to, count) => calendar.marks(from, to, count).map((mark) => mark.label);
  assert.deepEqual(labels(0, 4, 4), ["6 Jul", "00:15", "00:30", "00:45", "01:00"]);
  assert.deepEqual(labels(0, 96, 4), ["6 Jul", "06:00", "12:00", "18:00", "7 Jul"]);
  assert.deepEqual(labels(0, 96 * 365, 6), ["Sep", "Nov", "2027", "Mar", "May", "Jul"]);
  assert.ok(labels(0, 96 * 365 * 10, 12).every((label) => /^\d{4}$/.test(label)));
  assert.deepEqual(labels(5, 5, 4), []);
});

test("months begin on their first day", () => {
  const calendar = new Calendar("2026-01-15 00:00:00", 86400);
  const marks = calendar.marks(0, 150, 6);
  assert.deepEqual(marks.map((mark) => mark.label), ["Feb", "Mar", "Apr", "May", "Jun"]);
  assert.equal(marks[0].tick, 17);
});

test("there are never more marks than asked for and one", () => {
  const calendar = new Calendar("2026-07-06 00:00:00", 60);
  for (let span = 4; span < 1e8; span *= 3) assert.ok(calendar.marks(7, 7 + span, 8).length <= 9);
});

test("spans have the unit that fits", () => {
  const calendar = new Calendar("2026-07-06 00:00:00", 900);
  assert.deepEqual([2, 4, 10, 192, 96 * 90, 96 * 365 * 3].map((ticks) => calendar.shownSpan(ticks)), ["30 min", "1 h", "2.5 h", "2 days", "3.0 months", "3.0 years"]);
});

test("zooming keeps the tick under the pointer where it is", () => {
  const range = new Range(1000);
  range.set(200, 600);
  range.zoom(0.5, 300);
  assert.deepEqual([range.from, range.to], [250, 450]);
});

test("a range stays within the run and is never empty", () => {
  const range = new Range(1000);
  range.set(-50, 20);
  assert.deepEqual([range.from, range.to], [0, 70]);
  range.set(500, 500);
  assert.equal(range.span, 4);
  range.zoom(1e9);
  assert.ok(range.isWhole);
  range.pan(5);
  assert.deepEqual([range.from, range.to], [0, 1000]);
  const short = new Range(2);
  short.zoom(0.1);
  assert.deepEqual([short.from, short.to], [0, 2]);
});

test("following keeps up with the run until somebody moves", () => {
  const range = new Range(1000);
  range.follow(10, 100);
  assert.deepEqual([range.from, range.to], [0, 100]);
  assert.ok(range.advance(300));
  assert.equal(range.span, 100);
  assert.ok(range.to > 300 && range.to < 310);
  range.pan(-0.5);
  assert.ok(!range.advance(400));
});

test("following ends at the end of the run", () => {
  const range = new Range(1000);
  range.follow(999, 100);
  assert.deepEqual([range.from, range.to], [900, 1000]);
});
