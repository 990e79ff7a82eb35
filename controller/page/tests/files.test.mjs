import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const FOLDER = new URL("../", import.meta.url);
const MOST_BYTES = 150 * 1024;
const MOST_LINES = 300;

const read = (name) => readFileSync(new URL(name, FOLDER), "utf8");
const own = readdirSync(FOLDER).filter((name) => /\.(js|css|html|svg)$/.test(name));
const vendored = ["vendor/uPlot.esm.js", "vendor/uPlot.min.css"];
const modules = own.filter((name) => name.endsWith(".js"));

test("the whole page is small", () => {
  const bytes = [...own, ...vendored].reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
  assert.ok(bytes <= MOST_BYTES, `${bytes} bytes`);
});

test("no text can become markup or code", () => {
  const banned = /innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|DOMParser|srcdoc|\beval\(|new Function|javascript:|setAttribute\(\s*["'`](on|style)/;
  for (const name of modules) assert.doesNotMatch(read(name), banned, name);
});

test("elements are made in one place", () => {
  for (const name of modules.filter((each) => each !== "dom.js")) {
    assert.doesNotMatch(read(name).replace('document.createElement("canvas")', ""), /createElement/, name);
  }
});

test("nothing is asked from anywhere else", () => {
  for (const name of own) assert.doesNotMatch(read(name).replaceAll("http://www.w3.org/2000/svg", ""), /https?:|\/\/[a-z]+\.[a-z]/, name);
});

test("the document has no script, style or handler of its own", () => {
  const page = read("index.html");
  assert.doesNotMatch(page, /\son[a-z]+=|\sstyle=|<style|<script(?![^>]*\ssrc=)/);
});

test("what a file asks for is there", () => {
  const there = new Set([...own, ...vendored]);
  for (const name of modules) {
    for (const [, wanted] of read(name).matchAll(/from "\.\/([^"]+)"/g)) assert.ok(there.has(wanted), `${name} wants ${wanted}`);
  }
  for (const [, wanted] of read("index.html").matchAll(/"\/page\/([^"]+)"/g)) assert.ok(there.has(wanted), `index.html wants ${wanted}`);
});

test("every module is used", () => {
  const wanted = new Set(["start.js", ...modules.flatMap((name) => [...read(name).matchAll(/from "\.\/([^"]+)"/g)].map(([, each]) => each))]);
  for (const name of modules) assert.ok(wanted.has(name), name);
});

test("modules are fetched at once, and not one after the other asks for it", () => {
  const page = read("index.html");
  for (const name of [...modules, vendored[0]]) assert.ok(page.includes(`"/page/${name}"`), name);
});

test("files are short", () => {
  for (const name of own) assert.ok(read(name).split("\n").length <= MOST_LINES, name);
});

// Contrast of two colours by WCAG 2: 4.5 for text, 3 for lines and marks.
function contrast(one, other) {
  const light = (colour) => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

test("text and lines stand out from what is behind them, in light and dark", () => {
  const themes = read("theme.css").split(":root").slice(1, 3).map((text) => Object.fromEntries([...text.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6})\b/g)].map(([, name, colour]) => [name, colour])));
  assert.equal(themes.length, 2);
  for (const theme of themes) {
    const check = (name, grounds, least) => {
      for (const ground of grounds) assert.ok(contrast(theme[name], theme[ground]) >= least, `${name} on ${ground}: ${contrast(theme[name], theme[ground]).toFixed(2)}`);
    };
    for (const name of ["ink", "muted"]) check(name, ["ground", "card", "raised"], 4.5);
    check("accent", ["card", "ground", "soft"], 4.5);
    check("on-accent", ["accent"], 4.5);
    check("warning", ["card", "ground", "warning-soft"], 4.5);
    check("bad", ["card", "ground", "bad-soft"], 4.5);
    check("good", ["good-soft"], 4.5);
    for (const name of ["info", "flow", "firm"]) check(name, ["ground"], 3);
    for (let index = 0; index < 8; index += 1) {
      check(`site-${index}`, ["card", "ground"], 3);
      check(`series-${index}`, ["card"], 3);
    }
  }
});
