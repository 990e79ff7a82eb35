// What the picture shows: models or groups of them, and connections bundled between two of them.

/** Ways to group, by their name in the address. */
export const GROUPINGS = [["none", "every model"], ["name", "by name"], ["type", "by type"], ["node", "by node"]];
const TOO_MANY = 40;

/** The group of a model; null where it stands for itself. */
export function groupOf(run, index, grouping) {
  const model = run.models[index];
  if (grouping === "type") return model.type || null;
  if (grouping === "node") return run.sites[model.site]?.name ?? null;
  if (grouping === "name") return /^(.+?)[_:/ .-]/.exec(model.name)?.[1] ?? null;
  return null;
}

/** The grouping for a run where nobody chose one: none while it is small, else by name or type. */
export function usualGrouping(run) {
  if (run.models.length <= TOO_MANY) return "none";
  const names = run.models.map((_, index) => groupOf(run, index, "name"));
  const kinds = new Set(names.filter((name) => name !== null));
  const grouped = names.filter((name) => name !== null).length;
  const isUseful = kinds.size > 1 && kinds.size <= run.models.length / 2 && grouped >= run.models.length / 2;
  return isUseful ? "name" : "type";
}

/**
 * Nodes and edges of the picture.
 *
 * A node is `{group, models}`, with one model where `group` is null. An edge is `{from, to, isFlow,
 * shifted, connections}`. Groups in `open` are shown as their models, and so are groups of one.
 */
export function graphOf(run, grouping, open) {
  const byGroup = new Map();
  run.models.forEach((_, index) => {
    const group = groupOf(run, index, grouping);
    if (group === null) return;
    if (!byGroup.has(group)) byGroup.set(group, []);
    byGroup.get(group).push(index);
  });
  const nodes = [];
  const nodeOf = [];
  const groups = new Map();
  run.models.forEach((_, index) => {
    const group = groupOf(run, index, grouping);
    const isFolded = group !== null && !open.has(group) && byGroup.get(group).length > 1;
    if (isFolded && groups.has(group)) {
      nodeOf[index] = groups.get(group);
      nodes[nodeOf[index]].models.push(index);
      return;
    }
    nodeOf[index] = nodes.length;
    if (isFolded) groups.set(group, nodes.length);
    nodes.push({ group: isFolded ? group : null, models: [index] });
  });
  return { nodes, edges: bundles(run, nodeOf), nodeOf };
}

function bundles(run, nodeOf) {
  const edges = new Map();
  for (const connection of run.connections) {
    const [from, to] = [nodeOf[connection.from], nodeOf[connection.to]];
    // What goes on inside of a folded group is not seen; a model that is connected to itself is.
    if (from === to && connection.from !== connection.to) continue;
    const isFlow = connection.origin === "output";
    const key = [from, to, isFlow, connection.shifted].join(" ");
    if (!edges.has(key)) edges.set(key, { from, to, isFlow, shifted: connection.shifted, connections: [] });
    edges.get(key).connections.push(connection);
  }
  return [...edges.values()];
}

/** The largest flow of a bundle, where those of one unit add up. Null where nothing is known yet. */
export function flowOf(edge, values) {
  const sums = new Map();
  for (const { item, unit } of edge.connections) {
    const value = values.get(item);
    if (typeof value === "number") sums.set(unit, (sums.get(unit) ?? 0) + value);
  }
  let greatest = null;
  for (const [unit, value] of sums) {
    if (greatest === null || Math.abs(value) > Math.abs(greatest.value)) greatest = { unit, value };
  }
  return greatest;
}
