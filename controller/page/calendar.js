// Simulated time: ticks, and the wall-clock readings without a zone that they stand for. All
// arithmetic is in UTC, so that the browser's own zone and its summer time have no say.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

// Distances between marks on an axis: seconds, or months where a calendar counts.
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => ({ seconds: count })),
  ...[1, 2, 5, 10, 15, 30].map((count) => ({ seconds: count * MINUTE })),
  ...[1, 2, 3, 6, 12].map((count) => ({ seconds: count * HOUR })),
  ...[1, 2, 7, 14].map((count) => ({ seconds: count * DAY })),
  ...[1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200].map((count) => ({ months: count })),
];

const two = (number) => String(number).padStart(2, "0");

/** Seconds of a reading `2024-06-01 00:15:00`; NaN where it is none. */
export function parseReading(reading) {
  const parts = /^(\d{4,6})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(reading ?? "");
  if (parts === null) return NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return date.getTime() / 1000;
}

/** The calendar of a run: where it starts, and how long a tick is. */
export class Calendar {
  constructor(start, resolution) {
    const seconds = parseReading(start);
    this.start = Number.isFinite(seconds) ? seconds : 0;
    this.resolution = resolution > 0 ? resolution : 1;
    this.hasSeconds = this.resolution % MINUTE !== 0 || this.start % MINUTE !== 0;
  }

  /** Seconds of a tick, which may be a fraction. */
  seconds(tick) {
    return this.start + tick * this.resolution;
  }

  /** The tick of a reading in seconds, as a fraction. */
  tick(seconds) {
    return (seconds - this.start) / this.resolution;
  }

  /** `14:15`, with seconds where ticks have them. */
  shownHour(tick) {
    const date = new Date(this.seconds(Math.floor(tick)) * 1000);
    const seconds = this.hasSeconds ? `:${two(date.getUTCSeconds())}` : "";
    return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}${seconds}`;
  }

  /** `Tue 7 Jul 2026`. */
  shownDay(tick) {
    const date = new Date(this.seconds(Math.floor(tick)) * 1000);
    if (Number.isNaN(date.getTime())) return "";
    return `${DAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  }

  /** Day and hour. */
  shown(tick) {
    return `${this.shownDay(tick)} ${this.shownHour(tick)}`;
  }

  /** How much simulated time a number of ticks is: `6 h`, `12 days`, `3 years`. */
  shownSpan(ticks) {
    const seconds = ticks * this.resolution;
    const forms = [[365.25 * DAY, "year"], [30.44 * DAY, "month"], [DAY, "day"], [HOUR, "h"], [MINUTE, "min"]];
    for (const [length, name] of forms) {
      if (seconds < length * (name === "h" || name === "min" ? 1 : 2)) continue;
      const count = seconds / length;
      const shown = count < 10 && !Number.isInteger(count) ? count.toFixed(1) : String(Math.round(count));
      return `${shown} ${name}${name === "h" || name === "min" || shown === "1" ? "" : "s"}`;
    }
    return `${Math.round(seconds)} s`;
  }

  /** Marks for an axis from one tick to another: at most `count`, at round readings. */
  marks(from, to, count) {
    const [begin, end] = [this.seconds(from), this.seconds(to)];
    if (!(end > begin) || !Number.isFinite(end - begin)) return [];
    const step = STEPS.find((each) => (end - begin) / (each.seconds ?? each.months * 30.44 * DAY) <= count) ?? STEPS.at(-1);
    const readings = step.seconds ? evenReadings(begin, end, step.seconds) : monthReadings(begin, end, step.months);
    return readings.map((seconds) => ({ tick: this.tick(seconds), label: markLabel(seconds, step) }));
  }
}

function evenReadings(begin, end, step) {
  // Weeks begin on Mondays: 1970-01-05 was one.
  const origin = step % (7 * DAY) === 0 ? 4 * DAY : 0;
  const readings = [];
  for (let at = Math.ceil((begin - origin) / step) * step + origin; at <= end && readings.length < 1000; at += step) readings.push(at);
  return readings;
}

function monthReadings(begin, end, step) {
  const first = new Date(begin * 1000);
  let month = Math.floor((first.getUTCFullYear() * 12 + first.getUTCMonth()) / step) * step;
  const readings = [];
  for (; readings.length < 1000; month += step) {
    const date = new Date(0);
    date.setUTCFullYear(Math.floor(month / 12), month % 12, 1);
    const at = date.getTime() / 1000;
    if (!(at <= end)) break;
    if (at >= begin) readings.push(at);
  }
  return readings;
}

function markLabel(seconds, step) {
  const date = new Date(seconds * 1000);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  if (step.months) {
    return step.months >= 12 || date.getUTCMonth() === 0 ? String(date.getUTCFullYear()) : MONTHS[date.getUTCMonth()];
  }
  if (seconds % DAY === 0) return date.getUTCMonth() === 0 && date.getUTCDate() === 1 ? `1 Jan ${date.getUTCFullYear()}` : day;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  return step.seconds < MINUTE ? `${time}:${two(date.getUTCSeconds())}` : time;
}
