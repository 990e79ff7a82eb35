import assert from "node:assert/strict";
import { test } from "node:test";

import { layout } from "../layout.js";
import { crossings, order } from "../ordering.js";
import { spread } from "../placing.js";
import { rank } from "../ranks.js";

const OPTIONS = { isDown: false, between: 90, beside: 24, shape: 1.6 };

// The neighbourhood of the worked example: readers, plants, a controller and its battery.
const EXAMPLE = [[0, 3], [1, 4], [2, 5], [3, 6], [4, 6], [5, 6], [6, 7]].map(([from, to]) => ({ from, to }))
  .concat({ from: 7, to: 6, shifted: true });

const cards = (count) => Array.from({ length: count }, (_, index) => ({ width: 160, height: index % 5 === 0 ? 84 : 58 }));

// Numbers that look random and are the same in each run.
function dice(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function overlaps(nodes, places) {
  const found = [];
  for (let a = 0; a < nodes.length; a += 1) {
    for (let b = a + 1; b < nodes.length; b += 1) {
      const apart = places[a].x + nodes[a].width <= places[b].x || places[b].x + nodes[b].width <= places[a].x
        || places[a].y + nodes[a].height <= places[b].y || places[b].y + nodes[b].height <= places[a].y;
      if (!apart) found.push([a, b]);
    }
  }
  return found;
}

test("a cycle opens at its time-shifted connection", () => {
  const { ranks, reversed } = rank(8, EXAMPLE);
  assert.deepEqual(ranks, [0, 0, 0, 1, 1, 1, 2, 3]);
  assert.deepEqual(reversed, [false, false, false, false, false, false, false, true]);
});

test("a time-shifted connection without a cycle goes forward", () => {
  assert.deepEqual(rank(2, [{ from: 0, to: 1, shifted: true }]), { ranks: [0, 1], reversed: [false] });
});

test("a cycle without a time shift opens at one of its edges", () => {
  const { ranks, reversed } = rank(3, [{ from: 0, to: 1 }, { from: 1, to: 2 }, { from: 2, to: 0 }]);
  assert.deepEqual(ranks, [0, 1, 2]);
  assert.deepEqual(reversed, [false, false, true]);
});

test("a reader stands beside what it feeds", () => {
  const { ranks } = rank(4, [{ from: 0, to: 1 }, { from: 1, to: 2 }, { from: 3, to: 2 }]);
  assert.deepEqual(ranks, [0, 1, 2, 1]);
});

test("crossings are counted and undone", () => {
  const layers = [[0, 1, 2], [3, 4, 5]];
  const down = [[5], [4], [3], [], [], []];
  const up = [[], [], [], [2], [1], [0]];
  assert.equal(crossings(layers, down, [0, 1, 2, 0, 1, 2]), 3);
  assert.equal(order(layers, up, down), 0);
});

test("neighbours that want the same place share it out", () => {
  const wishes = [10, 10, 10].map((at) => ({ at, weight: 1 }));
  assert.deepEqual(spread([0, 1, 2], wishes, () => 4), [6, 10, 14]);
});

test("a node with a heavy wish moves the others", () => {
  const [left, right] = spread([0, 1], [{ at: 0, weight: 1 }, { at: 0, weight: 3 }], () => 4);
  assert.deepEqual([left, right], [-3, 1]);
});

test("eleven models do not overlap, in either direction", () => {
  const edges = [...EXAMPLE, { from: 8, to: 6 }, { from: 9, to: 8 }, { from: 10, to: 6 }, { from: 0, to: 6 }];
  for (const isDown of [false, true]) {
    const nodes = cards(11);
    const picture = layout(nodes, edges, { ...OPTIONS, isDown });
    assert.deepEqual(overlaps(nodes, picture.nodes), []);
    picture.nodes.forEach(({ x, y }, index) => {
      assert.ok(x >= 0 && y >= 0 && x + nodes[index].width <= picture.width + 1e-6 && y + nodes[index].height <= picture.height + 1e-6);
    });
  }
});

test("edges begin and end at the sides of their models", () => {
  const nodes = cards(8);
  const picture = layout(nodes, EXAMPLE, OPTIONS);
  EXAMPLE.forEach(({ from, to, shifted }, index) => {
    const [first, last] = [picture.edges[index][0], picture.edges[index].at(-1)];
    const isBack = Boolean(shifted);
    assert.equal(first.x, picture.nodes[from].x + (isBack ? 0 : nodes[from].width));
    assert.equal(last.x, picture.nodes[to].x + (isBack ? nodes[to].width : 0));
    assert.ok(first.y >= picture.nodes[from].y && first.y <= picture.nodes[from].y + nodes[from].height);
  });
});

test("random graphs of up to 200 models never overlap", () => {
  const roll = dice(7);
  for (const count of [1, 2, 3, 17, 60, 200]) {
    for (let round = 0; round < 3; round += 1) {
      const edges = Array.from({ length: roll(count * 2) }, () => ({ from: roll(count), to: roll(count), shifted: roll(4) === 0 }));
      const nodes = cards(count);
      const picture = layout(nodes, edges, { ...OPTIONS, isDown: round === 1 });
      assert.deepEqual(overlaps(nodes, picture.nodes), []);
      assert.ok(picture.edges.every((points) => points.length >= 2 && points.every(({ x, y }) => Number.isFinite(x + y))));
    }
  }
});

test("the same graph is laid out in the same way", () => {
  assert.deepEqual(layout(cards(8), EXAMPLE, OPTIONS), layout(cards(8), EXAMPLE, OPTIONS));
});

test("no model at all is an empty picture", () => {
  assert.deepEqual(layout([], [], OPTIONS), { nodes: [], edges: [], width: 0, height: 0, layers: 0 });
});
