// What names, numbers and values look like. Names come from strangers: they are shown isolated, cut,
// and without characters that would turn the text around them.

const LONGEST_NAME = 120;
const THIN_SPACE = "\u2009";
const NO_BREAK_SPACE = "\u00a0";
const MINUS = "\u2212";
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A name as it can be shown: never empty, never longer than 120 characters, nothing unseen in it. */
export function shownName(name, longest = LONGEST_NAME) {
  const seen = Array.from(String(name ?? "").replace(UNSEEN, "\ufffd"));
  if (seen.length === 0 || seen.join("").trim() === "") return "(no name)";
  return seen.length > longest ? seen.slice(0, longest - 1).join("") + "…" : seen.join("");
}

/** Text of several lines, such as a message: as it is, without unseen characters, cut. */
export function shownText(text, longest = 4000) {
  const lines = String(text ?? "").split(/\r?\n/);
  const seen = Array.from(lines.map((line) => line.replace(/\t/g, "  ").replace(UNSEEN, "\ufffd")).join("\n"));
  return seen.length > longest ? seen.slice(0, longest - 1).join("") + "…" : seen.join("");
}

/** A number with as many decimals as its size wants; of one width while it stays of one size. */
export function shownNumber(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 5e-4)) return scientific(value);
  const decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3;
  return grouped(value.toFixed(size === 0 ? 2 : decimals));
}

/** A number as somebody wrote it: no more digits than it has. */
export function plainNumber(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-6)) return scientific(value);
  return grouped(String(Number(value.toPrecision(8))));
}

function scientific(value) {
  const [digits, power] = value.toExponential(2).split("e");
  const raised = Array.from(String(Number(power)), (mark) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(mark)]).join("");
  return `${digits.replace("-", MINUS)}·10${raised}`;
}

function grouped(text) {
  const [whole, fraction] = text.replace("-", "").split(".");
  const isNegative = text.startsWith("-") && Number(text) !== 0;
  const parted = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE) : whole;
  return (isNegative ? MINUS : "") + parted + (fraction === undefined ? "" : `.${fraction}`);
}

/** A value of any kind, short. */
export function shownValue(value, isPlain = false) {
  if (typeof value === "number") return isPlain ? plainNumber(value) : shownNumber(value);
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return shownName(typeof value === "string" ? value : JSON.stringify(value), 48);
}

/** A value and its unit. */
export function withUnit(value, unit, isPlain = false) {
  const shown = shownValue(value, isPlain);
  return unit ? `${shown}${NO_BREAK_SPACE}${shownName(unit, 20)}` : shown;
}

/** A duration in seconds: `3.2 s`, `4 min 10 s`, `2 h 5 min`. */
export function shownSeconds(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How many of what: `1 model`, `12 models`. */
export function counted(count, noun) {
  return `${grouped(String(count))} ${noun}${count === 1 ? "" : "s"}`;
}

// Units of one dimension share a scale in the picture; what is not here is a dimension of its own.
const BASES = {
  W: ["W", 1], kW: ["W", 1e3], MW: ["W", 1e6], GW: ["W", 1e9],
  Wh: ["Wh", 1], kWh: ["Wh", 1e3], MWh: ["Wh", 1e6],
};

/** The dimension of a unit, and what one of it is in the base unit. */
export function baseOf(unit) {
  const base = Object.hasOwn(BASES, unit) ? BASES[unit] : [unit, 1];
  return { dimension: base[0], factor: base[1] };
}
