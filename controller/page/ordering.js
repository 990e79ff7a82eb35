// The order of nodes within layers, with few crossings: sweeps by medians, then swaps of neighbours.

const SWEEPS = 16;

/**
 * Orders the layers in place. `layers` are lists of nodes; `down[node]` are its neighbours in the next
 * layer, `up[node]` those in the one before.
 */
export function order(layers, up, down) {
  const place = new Int32Array(up.length);
  const note = () => layers.forEach((layer) => layer.forEach((node, index) => (place[node] = index)));
  note();
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(layers, down, place);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    const isForward = sweep % 2 === 0;
    const indices = [...layers.keys()];
    for (const index of isForward ? indices.slice(1) : indices.reverse().slice(1)) {
      sortByMedian(layers[index], isForward ? up : down, place);
    }
    swapNeighbours(layers, up, down, place);
    const count = crossings(layers, down, place);
    if (count < fewest) {
      fewest = count;
      best = layers.map((layer) => [...layer]);
    }
  }
  best.forEach((layer, index) => (layers[index] = layer));
  return fewest;
}

function sortByMedian(layer, neighbours, place) {
  const medians = new Map(layer.map((node) => [node, median(neighbours[node].map((other) => place[other]))]));
  // What has no neighbours there stays where it is; the others are sorted around it.
  const movable = layer.filter((node) => medians.get(node) !== null);
  movable.sort((a, b) => medians.get(a) - medians.get(b) || place[a] - place[b]);
  let next = 0;
  layer.forEach((node, index) => {
    if (medians.get(node) !== null) layer[index] = movable[next++];
  });
  layer.forEach((node, index) => (place[node] = index));
}

function median(places) {
  if (places.length === 0) return null;
  places.sort((a, b) => a - b);
  const middle = places.length >> 1;
  if (places.length % 2 === 1) return places[middle];
  if (places.length === 2) return (places[0] + places[1]) / 2;
  const [left, right] = [places[middle - 1] - places[0], places.at(-1) - places[middle]];
  if (left + right === 0) return places[middle];
  return (places[middle - 1] * right + places[middle] * left) / (left + right);
}

function swapNeighbours(layers, up, down, place) {
  for (let round = 0, isBetter = true; isBetter && round < 4; round += 1) {
    isBetter = false;
    for (const layer of layers) {
      for (let index = 0; index + 1 < layer.length; index += 1) {
        const [left, right] = [layer[index], layer[index + 1]];
        const gain = crossed(left, right, up, place) + crossed(left, right, down, place)
          - crossed(right, left, up, place) - crossed(right, left, down, place);
        if (gain <= 0) continue;
        [layer[index], layer[index + 1]] = [right, left];
        place[right] = index;
        place[left] = index + 1;
        isBetter = true;
      }
    }
  }
}

// How often the edges of two neighbours cross while `left` stands before `right`.
function crossed(left, right, neighbours, place) {
  let count = 0;
  for (const a of neighbours[left]) for (const b of neighbours[right]) if (place[a] > place[b]) count += 1;
  return count;
}

/** How many edges cross in all: inversions, counted with a tree of sums. */
export function crossings(layers, down, place) {
  let count = 0;
  for (let index = 0; index + 1 < layers.length; index += 1) {
    const sums = new Int32Array(layers[index + 1].length + 1);
    let seen = 0;
    for (const node of layers[index]) {
      const ends = down[node].map((other) => place[other]);
      for (const end of ends) {
        let before = 0;
        for (let at = end + 1; at > 0; at -= at & -at) before += sums[at];
        count += seen - before;
      }
      for (const end of ends) for (let at = end + 1; at < sums.length; at += at & -at) sums[at] += 1;
      seen += ends.length;
    }
  }
  return count;
}
