// How the page looks here: light or dark, and how large. Kept in this browser, not in the address.

const SIZES = [1, 1.2, 1.45];
// Large screens are looked at from further away.
const USUAL = "clamp(16px, 10px + 0.47vw, 26px)";

/** The choices of this browser for the looks. */
export class Look {
  constructor(changed) {
    this.changed = changed;
    this.theme = remembered("theme");
    this.size = Number(remembered("size") ?? 0) || 0;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.apply());
    this.apply();
  }

  get isDark() {
    return this.theme === null ? matchMedia("(prefers-color-scheme: dark)").matches : this.theme === "dark";
  }

  /** From light to dark and back. */
  turnTheme() {
    this.theme = this.isDark ? "light" : "dark";
    remember("theme", this.theme);
    this.apply();
  }

  /** The next size, and after the largest the usual one. */
  enlarge() {
    this.size = (this.size + 1) % SIZES.length;
    remember("size", String(this.size));
    this.apply();
  }

  apply() {
    document.documentElement.dataset.theme = this.isDark ? "dark" : "light";
    document.documentElement.style.fontSize = `calc(${USUAL} * ${SIZES[this.size] ?? 1})`;
    this.changed();
  }
}

// A browser may keep nothing for a page; then the choice lasts as long as the page.
function remembered(name) {
  try {
    return localStorage.getItem(`illuminator ${name}`);
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(`illuminator ${name}`, value);
  } catch {
    // See above.
  }
}
