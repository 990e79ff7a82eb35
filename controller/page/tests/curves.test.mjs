import assert from "node:assert/strict";
import { test } from "node:test";

import { trace } from "../curves.js";

test("a straight way has its length and its points", () => {
  const curve = trace([{ x: 0, y: 10 }, { x: 100, y: 10 }], false);
  assert.ok(Math.abs(curve.length - 100) < 1e-9);
  const { x, y, angle } = curve.point(25);
  for (const [is, wanted] of [[x, 25], [y, 10], [angle, 0]]) assert.ok(Math.abs(is - wanted) < 1e-9);
  assert.equal(curve.path, "M0.0 10.0C50.0 10.0 50.0 10.0 100.0 10.0");
});

test("a curve leaves and enters along the layers", () => {
  const curve = trace([{ x: 0, y: 0 }, { x: 100, y: 80 }], false);
  assert.ok(Math.abs(curve.point(0).angle) < 10 && Math.abs(curve.point(curve.length).angle) < 10);
  const down = trace([{ x: 0, y: 0 }, { x: 80, y: 100 }], true);
  assert.ok(Math.abs(down.point(0).angle - 90) < 10);
});

test("points beyond the ends are the ends", () => {
  const curve = trace([{ x: 0, y: 0 }, { x: 10, y: 0 }], false);
  assert.equal(curve.point(99).x, 10);
  assert.equal(curve.point(-5).x, 0);
});

test("a way back has its arrow the other way", () => {
  assert.equal(Math.abs(trace([{ x: 100, y: 0 }, { x: 0, y: 0 }], false).point(50).angle), 180);
});
