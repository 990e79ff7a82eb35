import assert from "node:assert/strict";
import { test } from "node:test";

import { readChoice, writeChoice } from "../address.js";
import { baseOf, counted, plainNumber, shownName, shownNumber, shownSeconds, shownText, shownValue, withUnit } from "../text.js";

test("hostile names are shown without what is unseen, never empty and never long", () => {
  assert.equal(shownName(""), "(no name)");
  assert.equal(shownName("\u200b"), "\ufffd");
  assert.equal(shownName("   "), "(no name)");
  assert.equal(shownName("\u202egnp.exe\u202c"), "\ufffdgnp.exe\ufffd");
  assert.equal(shownName("a\nb\u0000"), "a\ufffdb\ufffd");
  assert.equal(Array.from(shownName("x".repeat(300))).length, 120);
  assert.equal(shownName("<img onerror=alert(1)>"), "<img onerror=alert(1)>");
  assert.equal(shownName("😀".repeat(9), 5), "😀😀😀😀…");
  assert.equal(shownName(undefined), "(no name)");
});

test("text keeps its lines", () => {
  assert.equal(shownText("one\r\ntwo\tthree\u202e"), "one\ntwo  three\ufffd");
});

test("numbers have the decimals that their size wants", () => {
  const shown = [0, 0.25, 3.14159, 50, 123.456, 4321.5, 35040, -12.35, -0.0001, 2.5e9, NaN, null].map(shownNumber);
  assert.deepEqual(shown, ["0.00", "0.250", "3.14", "50.00", "123.5", "4322", "35\u2009040", "−12.35", "−1.00·10⁻⁴", "2.50·10⁹", "–", "–"]);
});

test("numbers that somebody wrote keep their digits", () => {
  assert.deepEqual([30, 0.205, 40000, 1e-7, 0.1 + 0.2].map(plainNumber), ["30", "0.205", "40\u2009000", "1.00·10⁻⁷", "0.3"]);
});

test("a number that is rounded to zero has no sign", () => {
  assert.equal(shownNumber(-0), "0.00");
});

test("values of all kinds are short", () => {
  assert.deepEqual([true, null, "power", [1, 2], { a: 1 }].map((value) => shownValue(value)), ["yes", "–", "power", "[1,2]", '{"a":1}']);
  assert.equal(withUnit(3.2, "kW"), "3.20\u00a0kW");
  assert.equal(withUnit(3.2, ""), "3.20");
});

test("durations and counts are in words", () => {
  assert.deepEqual([3.21, 42.4, 250, 7500].map(shownSeconds), ["3.2 s", "42 s", "4 min 10 s", "2 h 5 min"]);
  assert.deepEqual([counted(1, "model"), counted(12, "model")], ["1 model", "12 models"]);
});

test("units of one dimension share a base, and names of objects are no units", () => {
  assert.deepEqual(baseOf("MW"), { dimension: "W", factor: 1e6 });
  assert.deepEqual(baseOf("constructor"), { dimension: "constructor", factor: 1 });
});

test("what is looked at survives the address, whatever it is called", () => {
  const choice = { charts: ["Storage.soc", "a,b&c=d#e.x y", "<img>.%"], view: "charts", from: 12, to: 96, with: "0", group: "name" };
  assert.deepEqual(readChoice(writeChoice(choice)), choice);
});

test("an address without a choice leaves all open, and a broken one does no harm", () => {
  const open = { charts: null, view: null, from: null, to: null, with: null, group: null };
  assert.deepEqual(readChoice(""), open);
  assert.deepEqual(readChoice("#charts=%E0%A4%A,a&from=x&__proto__=1&&="), { ...open, charts: ["a"] });
  assert.deepEqual(readChoice("#charts="), { ...open, charts: [] });
});
