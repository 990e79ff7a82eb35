import assert from "node:assert/strict";
import { test } from "node:test";

import { flowOf, graphOf, usualGrouping } from "../graph.js";
import { Run, fillOf, principalOf, principalOfGroup } from "../run.js";

const output = (name, unit = "kW") => ({ name, role: "output", unit, kind: "number", value: 0, adjust: null });
const state = (name, unit = "") => ({ name, role: "state", unit, kind: "number", value: 0, adjust: null });
const flow = (from, to, shifted = false) => ({ from, output: "p", to, input: "p", origin: "output", unit: "kW", shifted });

function runOf(names, connections, attributes = () => [output("p")]) {
  const models = names.map((name, index) => ({ name, type: index % 2 ? "Load" : "PV", summary: "", site: index % 2, attributes: attributes(index) }));
  return new Run({ id: 1, title: "", start: "2026-01-01 00:00:00", resolution: 900, ticks: 10, sites: [{ name: "a" }, { name: "b" }], models, connections, columns: [], others: [] });
}

const HOUSES = ["House1_PV", "House1_Load", "House2_PV", "House2_Load", "Grid"];

test("houses fold by the begin of their names, and what is alone stays itself", () => {
  const run = runOf(HOUSES, [flow(0, 4), flow(1, 4), flow(2, 4), flow(0, 1)]);
  const { nodes, edges, nodeOf } = graphOf(run, "name", new Set());
  assert.deepEqual(nodes.map((node) => node.group), ["House1", "House2", null]);
  assert.deepEqual(nodeOf, [0, 0, 1, 1, 2]);
  assert.deepEqual(edges.map((edge) => [edge.from, edge.to, edge.connections.length]), [[0, 2, 2], [1, 2, 1]]);
});

test("a group that is open shows its models", () => {
  const { nodes } = graphOf(runOf(HOUSES, []), "name", new Set(["House1"]));
  assert.deepEqual(nodes.map((node) => node.group), [null, null, "House2", null]);
});

test("groups are made by type and by node as well", () => {
  const run = runOf(HOUSES, []);
  assert.deepEqual(graphOf(run, "type", new Set()).nodes.map((node) => node.group), ["PV", "Load"]);
  assert.deepEqual(graphOf(run, "node", new Set()).nodes.map((node) => node.group), ["a", "b"]);
  assert.equal(graphOf(run, "none", new Set()).nodes.length, 5);
});

test("small runs are shown as they are, large ones in groups", () => {
  const names = (count, name) => Array.from({ length: count }, (_, index) => name(index));
  assert.equal(usualGrouping(runOf(names(11, (index) => `M${index}`), [])), "none");
  assert.equal(usualGrouping(runOf(names(200, (index) => `House${index % 20}_${index}`), [])), "name");
  assert.equal(usualGrouping(runOf(names(200, (index) => `Model${index}`), [])), "type");
});

test("flows of a bundle add up by unit", () => {
  const { edges } = graphOf(runOf(HOUSES, [flow(0, 4), flow(1, 4)]), "name", new Set());
  assert.deepEqual(flowOf(edges[0], new Map([["House1_PV.p", 3], ["House1_Load.p", -1]])), { unit: "kW", value: 2 });
  assert.equal(flowOf(edges[0], new Map()), null);
});

test("a level says most about a store, a flow about what sends one", () => {
  const run = runOf(["Battery", "PV"], [flow(1, 0)], (index) => (index === 0 ? [output("p_out"), state("soc", "%")] : [output("irr", "W/m²"), output("p")]));
  assert.equal(principalOf(run, 0).name, "soc");
  assert.equal(principalOf(run, 1).name, "p");
});

test("a group tells the mean of its levels, or the sum of outputs that are alike", () => {
  const run = runOf(["A", "B", "C"], [], (index) => (index === 0 ? [state("soc", "%")] : [output("p")]));
  assert.deepEqual(principalOfGroup(run, [0, 1]), { items: ["A.soc"], unit: "%", isLevel: true });
  assert.equal(principalOfGroup(run, [1, 2]), null);
  const alike = runOf(["A", "x", "C"], []);
  assert.deepEqual(principalOfGroup(alike, [0, 2]), { items: ["A.p", "C.p"], unit: "kW", isLevel: false });
});

test("a fill is a share between empty and full", () => {
  assert.deepEqual([fillOf(50, "%"), fillOf(0.5, ""), fillOf(120, "%"), fillOf(-3, "%"), fillOf(0.5, "%"), fillOf(null, "%")], [0.5, 0.5, 1, 0, 0.005, null]);
});

test("names of objects are items like others", () => {
  const run = runOf(["__proto__", "constructor"], [flow(0, 1)]);
  assert.ok(run.items.has("__proto__.p") && run.items.has("constructor.p"));
  assert.equal(run.byName.get("toString"), undefined);
});
