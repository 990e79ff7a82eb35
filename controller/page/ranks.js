// Layers of a graph: every edge goes from one layer to a later one. Cycles are opened at time-shifted
// connections, since they are where the scenario itself opens them.

/**
 * The layer of each node.
 *
 * `edges` are `{from, to, shifted}` with indices of nodes. Returns `{ranks, reversed}`: `reversed` tells
 * of each edge whether it goes against the layers. Edges from a node to itself do not count. Where cycles are, those
 * that are `isReturn` go against the layers before others do.
 */
export function rank(count, edges) {
  const reversed = edges.map(() => false);
  const graph = new Acyclic(count);
  const late = ({ shifted, isReturn }) => (isReturn ? 2 : Number(shifted));
  const inOrder = [...edges.keys()].sort((a, b) => late(edges[a]) - late(edges[b]) || a - b);
  for (const index of inOrder) {
    const { from, to } = edges[index];
    if (from === to) continue;
    reversed[index] = !graph.add(from, to);
    if (reversed[index]) graph.add(to, from);
  }
  return { ranks: tighten(graph, longestPaths(graph)), reversed };
}

/** A graph that stays free of cycles: an edge that would close one is not taken. */
class Acyclic {
  constructor(count) {
    this.next = Array.from({ length: count }, () => []);
    this.before = Array.from({ length: count }, () => []);
    this.order = [...Array(count).keys()];
    this.place = [...Array(count).keys()];
  }

  add(from, to) {
    if (!this.makeRoom(from, to)) return false;
    this.next[from].push(to);
    this.before[to].push(from);
    return true;
  }

  // Keeps a topological order (Pearce and Kelly): only what lies between the two ends is looked at.
  makeRoom(from, to) {
    const [low, high] = [this.place[to], this.place[from]];
    if (low > high) return true;
    const after = this.reach(to, this.next, (place) => place <= high);
    if (after.has(from)) return false;
    const before = this.reach(from, this.before, (place) => place >= low);
    const byPlace = (a, b) => this.place[a] - this.place[b];
    const moved = [...[...before].sort(byPlace), ...[...after].sort(byPlace)];
    const places = moved.map((node) => this.place[node]).sort((a, b) => a - b);
    moved.forEach((node, index) => {
      this.place[node] = places[index];
      this.order[places[index]] = node;
    });
    return true;
  }

  reach(start, neighbours, isNear) {
    const seen = new Set([start]);
    const open = [start];
    while (open.length > 0) {
      for (const node of neighbours[open.pop()]) {
        if (seen.has(node) || !isNear(this.place[node])) continue;
        seen.add(node);
        open.push(node);
      }
    }
    return seen;
  }
}

function longestPaths(graph) {
  const ranks = graph.order.map(() => 0);
  for (const node of graph.order) {
    for (const next of graph.next[node]) ranks[next] = Math.max(ranks[next], ranks[node] + 1);
  }
  return ranks;
}

// Longest paths push everything to the front. A node with more edges out than in goes as near to what
// it feeds as it can, so that a reader stands beside its reader and edges are short.
function tighten(graph, ranks) {
  for (let round = 0; round < 8; round += 1) {
    let hasMoved = false;
    for (const node of [...graph.order].reverse()) {
      const [next, before] = [graph.next[node], graph.before[node]];
      if (next.length <= before.length) continue;
      const latest = Math.min(...next.map((other) => ranks[other])) - 1;
      if (latest > ranks[node]) {
        ranks[node] = latest;
        hasMoved = true;
      }
    }
    if (!hasMoved) break;
  }
  return ranks;
}
