// A picture of a graph in layers, from left to right or from top to bottom: which layer, which order,
// where exactly, and which way the edges take. Works with numbers only, so it is tried without a browser.

import { rank } from "./ranks.js";
import { order } from "./ordering.js";
import { place } from "./placing.js";

/**
 * Lays a graph out.
 *
 * `nodes` are `{width, height}`; `edges` are `{from, to, shifted, isReturn}` with indices of nodes.
 * `options`: `isDown` for layers from top to bottom, `between` layers, `beside` neighbours of a layer,
 * `shape`, the wished width over height. Returns `{nodes: [{x, y}], edges: [points], width, height, layers}`, where
 * `x`, `y` are upper left corners, and points go from the source of an edge to its target; `layers` is how many there are.
 */
export function layout(nodes, edges, options) {
  const parts = components(nodes.length, edges).map((members) => layoutPart(members, nodes, edges, options));
  const packed = pack(parts, options);
  const layers = Math.max(0, ...parts.map((part) => part.layers));
  const result = { nodes: [], edges: edges.map(() => []), width: packed.width, height: packed.height, layers };
  parts.forEach((part, index) => {
    const { x, y } = packed.places[index];
    part.members.forEach((node, each) => {
      result.nodes[node] = { x: part.corners[each].x + x, y: part.corners[each].y + y };
    });
    part.edges.forEach((edge, each) => {
      result.edges[edge] = part.points[each].map((point) => ({ x: point.x + x, y: point.y + y }));
    });
  });
  return result;
}

// Members of each part that hangs together, in their order.
function components(count, edges) {
  const root = [...Array(count).keys()];
  const find = (node) => {
    while (root[node] !== node) node = root[node] = root[root[node]];
    return node;
  };
  for (const { from, to } of edges) root[Math.max(find(from), find(to))] = Math.min(find(from), find(to));
  const parts = new Map();
  for (let node = 0; node < count; node += 1) {
    const key = find(node);
    if (!parts.has(key)) parts.set(key, []);
    parts.get(key).push(node);
  }
  return [...parts.values()];
}

function layoutPart(members, nodes, allEdges, options) {
  const local = new Map(members.map((node, index) => [node, index]));
  const chosen = [...allEdges.keys()].filter((index) => local.has(allEdges[index].from));
  const edges = chosen.map((index) => ({
    from: local.get(allEdges[index].from), to: local.get(allEdges[index].to), shifted: Boolean(allEdges[index].shifted), isReturn: Boolean(allEdges[index].isReturn),
  }));
  const along = members.map((node) => (options.isDown ? nodes[node].height : nodes[node].width));
  const across = members.map((node) => (options.isDown ? nodes[node].width : nodes[node].height));
  const grid = layer(members.length, edges);
  order(grid.layers, grid.up, grid.down);
  for (let node = members.length; node < grid.up.length; node += 1) across[node] = options.beside / 4;
  const isReal = (node) => node < members.length;
  const gap = (a, b) => (isReal(a) && isReal(b) ? options.beside : options.beside / 2);
  const weight = (a, b) => (isReal(a) ? 1 : 3) * (isReal(b) ? 1 : 3);
  const centres = place(grid.layers, across, gap, grid.up, grid.down, weight);
  return finish({ members, chosen, along, across, grid, centres }, options);
}

// Ranks, and nodes of no size where an edge passes a layer.
function layer(count, edges) {
  const { ranks, reversed } = rank(count, edges);
  const layers = Array.from({ length: Math.max(...ranks) + 1 }, () => []);
  const [up, down] = [[], []];
  const add = (at) => {
    up.push([]);
    down.push([]);
    layers[at].push(up.length - 1);
    return up.length - 1;
  };
  for (let node = 0; node < count; node += 1) add(ranks[node]);
  const chains = edges.map(({ from, to }, index) => {
    if (from === to) return [from];
    const [first, last] = reversed[index] ? [to, from] : [from, to];
    const chain = [first];
    for (let at = ranks[first] + 1; at < ranks[last]; at += 1) chain.push(add(at));
    chain.push(last);
    for (let at = 0; at + 1 < chain.length; at += 1) {
      down[chain[at]].push(chain[at + 1]);
      up[chain[at + 1]].push(chain[at]);
    }
    return chain;
  });
  return { layers, up, down, chains, reversed };
}

function finish(part, options) {
  const { members, chosen, along, across, grid, centres } = part;
  const starts = [];
  const depths = grid.layers.map((nodes) => Math.max(0, ...nodes.filter((node) => node < members.length).map((node) => along[node])));
  depths.forEach((depth, index) => starts.push(index === 0 ? 0 : starts[index - 1] + depths[index - 1] + options.between));
  const least = Math.min(...centres.map((centre, node) => centre - across[node] / 2));
  const layerOf = [];
  grid.layers.forEach((nodes, index) => nodes.forEach((node) => (layerOf[node] = index)));
  const turn = (a, b) => (options.isDown ? { x: b, y: a } : { x: a, y: b });
  const begin = (node) => starts[layerOf[node]] + (node < members.length ? (depths[layerOf[node]] - along[node]) / 2 : 0);
  const end = (node) => (node < members.length ? begin(node) + along[node] : starts[layerOf[node]] + depths[layerOf[node]]);
  const middle = (node) => centres[node] - least;
  const ports = portsOf(grid, members.length, across, middle);
  const points = grid.chains.map((chain, edge) => {
    if (chain.length === 1) return loop(begin(chain[0]), end(chain[0]), middle(chain[0]), across[chain[0]]).map(([a, b]) => turn(a, b));
    const way = chain.flatMap((node, index) => {
      if (index === 0) return [turn(end(node), ports.out[edge])];
      if (index === chain.length - 1) return [turn(begin(node), ports.in[edge])];
      return [turn(begin(node), middle(node)), turn(end(node), middle(node))];
    });
    return grid.reversed[edge] ? way.reverse() : way;
  });
  const corners = members.map((_, node) => turn(begin(node), middle(node) - across[node] / 2));
  const size = turn((starts.at(-1) ?? 0) + (depths.at(-1) ?? 0), Math.max(...centres.map((_, node) => middle(node) + across[node] / 2)));
  return { members, edges: chosen, corners, points, width: size.x, height: size.y, layers: depths.length };
}

// Where edges leave and enter their nodes: spread over the side, in the order of where they go.
function portsOf(grid, count, across, middle) {
  const ports = { out: [], in: [] };
  const spreadOver = (kind, end, near) => {
    const byNode = Array.from({ length: count }, () => []);
    grid.chains.forEach((chain, edge) => chain.length > 1 && byNode[chain.at(end)].push(edge));
    byNode.forEach((edges, node) => {
      edges.sort((a, b) => middle(grid.chains[a].at(near)) - middle(grid.chains[b].at(near)) || a - b);
      const step = Math.min(18, (across[node] * 0.7) / Math.max(1, edges.length - 1));
      edges.forEach((edge, index) => (ports[kind][edge] = middle(node) + (index - (edges.length - 1) / 2) * step));
    });
  };
  spreadOver("out", 0, 1);
  spreadOver("in", -1, -2);
  return ports;
}

// An edge from a node to itself: out at its end, over the node, in at its begin.
function loop(begin, end, middle, across) {
  const over = middle - across / 2 - 12;
  return [[end, middle], [end + 12, over], [begin - 12, over], [begin, middle]];
}

// Parts side by side in rows, the large ones first: as wide as comes nearest to the wished shape.
function pack(parts, options) {
  const gap = options.beside * 1.5;
  const area = parts.reduce((sum, part) => sum + (part.width + gap) * (part.height + gap), 0);
  const inOrder = [...parts.keys()].sort((a, b) => parts[b].height - parts[a].height || parts[b].width - parts[a].width || a - b);
  const broadest = Math.max(0, ...parts.map((part) => part.width));
  let best = null;
  for (let share = 0.7; share < 2; share += 0.1) {
    const packed = inRows(parts, inOrder, Math.max(broadest, Math.sqrt(area * options.shape) * share), gap);
    const size = Math.max(packed.width, packed.height * options.shape);
    if (best === null || size < best.size) best = { ...packed, size };
  }
  return best;
}

function inRows(parts, inOrder, widest, gap) {
  const places = [];
  let [x, y, tallest, width] = [0, 0, 0, 0];
  for (const index of inOrder) {
    const part = parts[index];
    if (x > 0 && x + part.width > widest) [x, y, tallest] = [0, y + tallest + gap, 0];
    places[index] = { x, y };
    width = Math.max(width, x + part.width);
    tallest = Math.max(tallest, part.height);
    x += part.width + gap;
  }
  return { places, width, height: y + tallest };
}
