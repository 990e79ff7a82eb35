// Colours of LEDs: how bright they are, what they look like on a screen, and what they are called.

// LEDs are told light, screens what an eye makes of it; and what shines at all has to be seen.
const GAMMA = 1 / 2.2;
const LEAST = 0.45;
const HUES = [[15, "red"], [40, "orange"], [70, "yellow"], [165, "green"], [200, "cyan"], [260, "blue"], [330, "violet"], [361, "red"]];

// Red, green and blue from 0 to 255; dark for what is no colour.
function partsOf(colour) {
  const found = /^#([0-9a-f]{6})$/i.exec(String(colour));
  return found === null ? [0, 0, 0] : [0, 2, 4].map((at) => parseInt(found[1].slice(at, at + 2), 16));
}

/** How bright an LED is: 0 to 1. */
export function brightnessOf(colour) {
  return Math.max(...partsOf(colour)) / 255;
}

/** The colour of an LED as it looks on a screen; null where it is dark. */
export function seen(colour) {
  const most = brightnessOf(colour);
  if (most === 0) return null;
  const factor = Math.max(LEAST, most ** GAMMA) / most;
  return `#${partsOf(colour).map((part) => Math.min(255, Math.round(part * factor)).toString(16).padStart(2, "0")).join("")}`;
}

/** The colour of an LED in a word, with its brightness where that is not the full one. */
export function colourName(colour) {
  const [red, green, blue] = partsOf(colour);
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  if (most === 0) return "dark";
  const share = most === 255 ? "" : ` ${Math.max(1, Math.round((most / 255) * 100))} %`;
  if (most - least < most * 0.25) return `white${share}`;
  const third = most === red ? (green - blue) / (most - least) : most === green ? 2 + (blue - red) / (most - least) : 4 + (red - green) / (most - least);
  const hue = (third * 60 + 360) % 360;
  return HUES.find(([end]) => hue < end)[1] + share;
}
