// How the cards of a picture are arranged on a screen: which way its layers go, how far they are apart,
// and how much room cables have below their sockets.

import { layout } from "./layout.js";

const BETWEEN = 96;
const TIGHTER = 0.62;
const BESIDE = 22;
// Cables want some way from plug to plug.
const BESIDE_CABLES = 46;
const STRETCH = 2.4;
const FLAT = 2.6;
// How far cables hang from their cards at most, with the plugs: usually, and where there is little room.
const HANG = { usual: 164, little: 120 };

/**
 * Arranges cards, `{width, height, hasSockets}`, with `edges` between them on a screen of a width and a height.
 * Returns `{isDown, isFlat, hang, picture}`: whether layers go from top to bottom, whether there is little room for them,
 * how far cables may hang, and what `layout` says.
 */
export function arranged(cards, edges, { width, height }) {
  const hasSockets = cards.some((card) => card.hasSockets);
  // Layers go from left to right, or from top to bottom where the drawing is larger that way. Cables hang best below a row.
  const ways = width <= (hasSockets ? height : height * 1.6) ? [false, true] : [hasSockets];
  const screen = { width, height, hasSockets, isFlat: width > height * FLAT };
  const drawn = ways.map((isDown) => {
    const one = stretched(cards, edges, isDown, screen);
    return { ...one, scale: Math.min(width / one.picture.width, height / one.picture.height) };
  });
  return drawn.length > 1 && drawn[1].scale > drawn[0].scale * 1.15 ? drawn[1] : drawn[0];
}

/** Whether what was arranged might be better in another way now, on a screen that was turned or has another shape. */
export function isTurned({ isDown, isFlat, hasSockets }, { width, height }) {
  return hasSockets ? isDown !== width > height || isFlat !== width > height * FLAT : isDown !== height > width * 1.1;
}

// Layers move apart where there is room, so that connections and their labels have it.
function stretched(cards, edges, isDown, { width, height, hasSockets, isFlat }) {
  const hang = isDown && !isFlat ? HANG.usual : HANG.little;
  const usual = isDown || hasSockets ? BETWEEN * TIGHTER : BETWEEN;
  const between = hasSockets && isFlat ? usual * TIGHTER : usual;
  const sizes = cards.map((card) => {
    const room = card.hasSockets ? hang : 0;
    return isDown ? { width: card.width, height: card.height + room } : { width: card.width + room, height: card.height };
  });
  // What leaves a model with sockets goes back to the others, so that nothing is below its cables.
  const ways = edges.map(({ from, to, shifted }) => ({ from, to, shifted, isReturn: cards[from].hasSockets }));
  const options = { isDown, between, beside: hasSockets && isDown ? BESIDE_CABLES : BESIDE, shape: width / height };
  const picture = layout(sizes, ways, options);
  const room = isDown ? (height / width) * picture.width - picture.height : (width / height) * picture.height - picture.width;
  const more = Math.min(room / Math.max(1, picture.layers - 1), between * (STRETCH - 1));
  return { isDown, isFlat, hang, picture: more < 8 ? picture : layout(sizes, ways, { ...options, between: between + more }) };
}
