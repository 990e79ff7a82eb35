import assert from "node:assert/strict";
import { test } from "node:test";

import { arranged, isTurned } from "../arranging.js";
import { PIXELS, cablesOf, moved, streak } from "../cables.js";
import { brightnessOf, colourName, seen } from "../colours.js";

const green = { colour: "#00ff00", pixel_ms: 100, away: true };
const red = { colour: "#ff0000", pixel_ms: 10, away: true };
const at = (model, ...sockets) => ({ model, leds: [], sockets });
const plug = (cable, shows = null) => ({ cable, shows });

test("two plugs with the same id are the ends of one cable", () => {
  const cables = cablesOf([at(1, null, plug("3", green)), at(4, plug("5"), plug("3"))]);
  assert.deepEqual(cables.map(({ id, key, ends }) => [id, key, ends.length]), [["3", "1.1 4.1", 2], ["5", "4.0", 1]]);
  assert.deepEqual(cables[0].ends, [{ model: 1, socket: 1 }, { model: 4, socket: 1 }]);
});

test("both ends of a cable may be plugged in at one model", () => {
  const [cable] = cablesOf([at(2, plug("1", green), plug("1", green))]);
  assert.deepEqual(cable.ends, [{ model: 2, socket: 0 }, { model: 2, socket: 1 }]);
});

test("boards that do not say which cable they are have no other end", () => {
  assert.deepEqual(cablesOf([at(1, plug(null)), at(2, plug(null))]).map((cable) => cable.ends.length), [1, 1]);
});

test("a third plug with the same id is the end of another cable", () => {
  assert.deepEqual(cablesOf([at(1, plug("1")), at(2, plug("1")), at(3, plug("1"))]).map((cable) => cable.key), ["1.0 2.0", "3.0"]);
});

test("the picture of the first end that shows something counts", () => {
  assert.deepEqual(cablesOf([at(1, plug("1", green)), at(2, plug("1", red))])[0].shows, { colour: "#00ff00", pixelMs: 100, isForward: true });
  assert.deepEqual(cablesOf([at(1, plug("1")), at(2, plug("1", red))])[0].shows, { colour: "#ff0000", pixelMs: 10, isForward: false });
  assert.equal(cablesOf([at(1, plug("1")), at(2, plug("1"))])[0].shows, null);
});

test("away from the second end is towards the first one", () => {
  const ways = [true, false].map((away) => cablesOf([at(1, plug("1")), at(2, plug("1", { ...green, away }))])[0].shows.isForward);
  assert.deepEqual(ways, [false, true]);
});

test("nothing told and nothing plugged in is no cable", () => {
  assert.deepEqual([cablesOf([]), cablesOf([at(1, null, null), at(2)])], [[], []]);
});

test("a dot goes a pixel each so many milliseconds, and begins again", () => {
  const forward = { pixelMs: 100, isForward: true };
  assert.equal(moved(0, 250, forward), 2.5);
  assert.equal(moved(19, 150, forward), 0.5);
  assert.equal(moved(0.5, 100, { ...forward, isForward: false }), 19.5);
  assert.equal(moved(7, 1e6, { ...forward, pixelMs: null }), 7);
});

test("a dot is on its strip however much time has passed", () => {
  for (const isForward of [true, false]) {
    for (const passed of [0, 1, 33, 1e5, 1e9]) {
      for (const pixelMs of [0, 1, 10, 500]) {
        const place = moved(19.999, passed, { pixelMs, isForward });
        assert.ok(place >= 0 && place < PIXELS, `${place}`);
      }
    }
  }
});

test("a dot that is slower than a screen is one pixel, a faster one a streak behind it", () => {
  assert.deepEqual(streak(7.4, 33, { pixelMs: 50, isForward: true }), { first: 7, last: 7 });
  assert.deepEqual(streak(7.4, 33, { pixelMs: 10, isForward: true }), { first: 4, last: 7 });
  assert.deepEqual(streak(7.4, 33, { pixelMs: 10, isForward: false }), { first: 7, last: 10 });
  assert.deepEqual(streak(1, 33, { pixelMs: 10, isForward: true }), { first: 0, last: 1 });
  assert.deepEqual(streak(18, 100, { pixelMs: 1, isForward: false }), { first: 18, last: 19 });
});

test("colours have names, and a brightness where it is not the full one", () => {
  const named = { "#000000": "dark", "#ffffff": "white", "#202020": "white 13 %", "#ff0000": "red", "#00ff00": "green", "#0000ff": "blue", "#808000": "yellow 50 %", "#ff0010": "red" };
  for (const [colour, name] of Object.entries(named)) assert.equal(colourName(colour), name);
});

test("what shines at all is seen, and what is dark is not", () => {
  assert.equal(seen("#000000"), null);
  assert.equal(seen("#00ff00"), "#00ff00");
  assert.ok(brightnessOf(seen("#010101")) > 0.4);
  assert.ok(brightnessOf(seen("#808080")) > brightnessOf("#808080"));
});

test("what is no colour is dark", () => {
  for (const colour of [null, undefined, "red", "#fff", "url(#a)", "#00ff00;"]) assert.equal(seen(colour), null);
});

// A component, the end of its cables, and the story that sets the one by the other.
const TABLE = [{ from: 0, to: 1, shifted: false }, { from: 1, to: 2, shifted: false }, { from: 2, to: 0, shifted: true }, { from: 2, to: 1, shifted: true }];
const CARDS = [false, true, false].map((hasSockets) => ({ width: 172, height: 58, hasSockets }));

test("models with sockets stand in the last row, with room for cables below them", () => {
  for (const screen of [{ width: 1900, height: 900 }, { width: 1400, height: 300 }]) {
    const { isDown, hang, picture } = arranged(CARDS, TABLE, screen);
    const { nodes: places } = picture;
    assert.ok(isDown && places[2].y < places[0].y && places[0].y < places[1].y);
    assert.ok(places[1].y + 58 + hang <= picture.height + 1e-6);
  }
});

test("on an upright screen cables may hang beside the last column", () => {
  const many = Array.from({ length: 6 }, () => CARDS).flat();
  const edges = Array.from({ length: 6 }, (_, unit) => TABLE.map(({ from, to, shifted }) => ({ from: from + unit * 3, to: to + unit * 3, shifted }))).flat();
  assert.ok(arranged(many, edges, { width: 390, height: 620 }).picture.width > 0);
  const wide = { isDown: true, isFlat: false, hasSockets: true };
  assert.deepEqual([[390, 620], [900, 620], [1900, 620]].map(([width, height]) => isTurned(wide, { width, height })), [true, false, true]);
});

test("what has no sockets goes from left to right on wide screens, from top to bottom on upright ones", () => {
  const plain = CARDS.map((card) => ({ ...card, hasSockets: false }));
  assert.equal(arranged(plain, TABLE.slice(0, 2), { width: 1400, height: 300 }).isDown, false);
  assert.equal(arranged(plain, TABLE.slice(0, 2), { width: 390, height: 620 }).isDown, true);
});
