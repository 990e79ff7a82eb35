// Small drawings by kind of model: lines on a field of 24 by 24. A type without one has a box.

const DRAWINGS = {
  sun: "M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.8 1.8M17.2 17.2L19 19M5 19l1.8-1.8M17.2 6.8L19 5",
  wind: "M12 11V22M12 9.5L11 2.5M13 11l6.5 3M11 11l-5.5 4.5M12 9a1.6 1.6 0 1 0 .01 0",
  home: "M3 11.5L12 4l9 7.5M5.5 10v10h13V10M10 20v-5.5h4V20",
  battery: "M7 5h10v16H7zM10 5V2.5h4V5M13 9l-3 4.5h4L11 18",
  car: "M3 16v-4l2.5-5h13l2.5 5v4zM3 12h18M6 16v2.5M18 16v2.5M7 14h1M16 14h1",
  heat: "M12 21a6 6 0 0 1-6-6c0-5 6-7 5-12c4 2.5 7 7 7 12a6 6 0 0 1-6 6zM12 21a3 3 0 0 1-3-3c0-2.5 3-3 3-6c2 1.5 3 3.5 3 6a3 3 0 0 1-3 3",
  file: "M6 2.5h8l4.5 4.5V21.5H6zM14 2.5V7h4.5M9 13h6.5M9 17h6.5",
  control: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  grid: "M8 22l4-20l4 20M5 8h14M6.5 13h11M9.5 15l5 5M14.5 15l-5 5",
  market: "M4 21V11M10 21V4M16 21v-8M22 21H2M19 8l-3-3-3 3",
  gas: "M8 8h8v13H8zM10 8V5h4v3M9 3.5h6M8 13h8",
  light: "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.5 11c.6.6.8 1.2.8 2h5.4c0-.8.2-1.4.8-2A6 6 0 0 0 12 3",
  code: "M8 7l-5 5l5 5M16 7l5 5l-5 5",
  group: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  box: "M4.5 7.5L12 3.5l7.5 4v9L12 20.5l-7.5-4zM4.5 7.5L12 11.5l7.5-4M12 11.5v9",
};

// In the order in which they are tried, on the name of the type in small letters.
const KINDS = [
  [/csv|file|reader|weather/, "file"], [/^led|light|lamp/, "light"], [/market|agent|operator|justice/, "market"],
  [/ev$|car|vehicle/, "car"], [/heat|boiler|thermal/, "heat"], [/control|story|strategy/, "control"],
  [/^pv|solar|photovolt|sun/, "sun"], [/wind|turbine/, "wind"], [/batter|accu|storage/, "battery"],
  [/hydrogen|h2|tank|electroly|fuel/, "gas"], [/grid|line|transformer|bus/, "grid"], [/load|home|house|household|demand/, "home"],
  [/fmu|python|mosaik|sim/, "code"],
];

/** The lines of the drawing for a type of model; `group` is a type as well. */
export function drawingOf(type) {
  const name = type.toLowerCase();
  const kind = name === "group" ? "group" : KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? "box";
  return DRAWINGS[kind];
}
