// Places of nodes across their layers: each wants to stand level with its neighbours, long edges want
// to be straight, and nothing may overlap. For one layer that is least squares with distances, which
// pooling of adjacent violators solves exactly; sweeps to and fro settle the whole.

const SWEEPS = 12;

/**
 * Centres of all nodes across the layers.
 *
 * `layers` in their order; `size[node]` across; `gap(a, b)` between two neighbours of a layer;
 * `up`, `down` neighbours, `weight(a, b)` how much an edge wants to be level.
 */
export function place(layers, size, gap, up, down, weight) {
  const centres = new Float64Array(size.length);
  for (const layer of layers) {
    let at = 0;
    layer.forEach((node, index) => {
      at += index === 0 ? 0 : distance(layer[index - 1], node);
      centres[node] = at;
    });
    const middle = at / 2;
    for (const node of layer) centres[node] -= middle;
  }
  function distance(left, right) {
    return (size[left] + size[right]) / 2 + gap(left, right);
  }
  function settle(layer, sides) {
    const wishes = layer.map((node) => wish(node, sides, centres, weight));
    spread(layer, wishes, distance).forEach((centre, index) => (centres[layer[index]] = centre));
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const layer of layers.slice(1)) settle(layer, [up]);
    for (const layer of [...layers].reverse().slice(1)) settle(layer, [down]);
  }
  for (const layer of layers) settle(layer, [up, down]);
  return centres;
}

// Where a node wants to be: the weighted mean of its neighbours, or where it is.
function wish(node, sides, centres, weight) {
  let [sum, total] = [0, 0];
  for (const neighbours of sides) {
    for (const other of neighbours[node]) {
      const each = weight(node, other);
      sum += each * centres[other];
      total += each;
    }
  }
  return total === 0 ? { at: centres[node], weight: 0.01 } : { at: sum / total, weight: total };
}

/** The centres nearest to the wishes that keep the distances. */
export function spread(layer, wishes, distance) {
  // Less the distances so far, "in order with distances" becomes "not falling".
  const offsets = [];
  layer.forEach((node, index) => offsets.push(index === 0 ? 0 : offsets[index - 1] + distance(layer[index - 1], node)));
  const pools = [];
  wishes.forEach((each, index) => {
    let pool = { sum: (each.at - offsets[index]) * each.weight, weight: each.weight, count: 1 };
    while (pools.length > 0 && pools.at(-1).sum / pools.at(-1).weight > pool.sum / pool.weight) {
      const last = pools.pop();
      pool = { sum: pool.sum + last.sum, weight: pool.weight + last.weight, count: pool.count + last.count };
    }
    pools.push(pool);
  });
  const levels = pools.flatMap((pool) => Array(pool.count).fill(pool.sum / pool.weight));
  return levels.map((level, index) => level + offsets[index]);
}
