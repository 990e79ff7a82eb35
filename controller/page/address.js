// What the address says: which page, the token, and after '#' what is looked at, so that a link shows
// the same to somebody else.

/** The token of the page's own address, or null. */
export function token() {
  return new URLSearchParams(location.search).get("token");
}

/** A path of this server with a query; the token goes along. */
export function path(name, query = []) {
  const all = new URLSearchParams(query);
  const own = token();
  if (own !== null) all.append("token", own);
  const text = all.toString();
  return text ? `${name}?${text}` : name;
}

/** The model of a kiosk: its name, "" where none is named, null where this is no kiosk. */
export function kioskModel() {
  if (!location.pathname.endsWith("/kiosk")) return null;
  return new URLSearchParams(location.search).get("model") ?? "";
}

/** Reads what is after '#'. Lists are parted by commas, their members encoded. */
export function readChoice(hash) {
  const choice = { charts: null, view: null, from: null, to: null, with: null, group: null };
  for (const part of hash.replace(/^#/, "").split("&")) {
    const [name, value = ""] = part.split("=", 2);
    if (name === "charts") choice.charts = value === "" ? [] : value.split(",").map(decode).filter((item) => item !== null);
    else if (name === "from" || name === "to") choice[name] = value !== "" && Number.isFinite(Number(value)) ? Number(value) : null;
    else if (Object.hasOwn(choice, name)) choice[name] = decode(value);
  }
  return choice;
}

/** The text after '#' for a choice; what is null is left out. */
export function writeChoice(choice) {
  const parts = [];
  for (const [name, value] of Object.entries(choice)) {
    if (value === null || value === undefined) continue;
    parts.push(`${name}=${Array.isArray(value) ? value.map(encodeURIComponent).join(",") : encodeURIComponent(value)}`);
  }
  return `#${parts.join("&")}`;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
