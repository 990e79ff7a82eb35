// Cables of a demonstration table: which ends belong together, what a cable shows, and where its dot is.

/** Pixels of the strip of a cable. */
export const PIXELS = 20;

/**
 * The cables in the sockets of all models, from what `lights` says: `{key, id, ends, shows}`.
 *
 * `ends` are one or two `{model, socket}`; `key` stays while they do. `shows` is `{colour, pixelMs, isForward}`, where
 * forward is away from the first end; null where no end shows anything. Both ends are told pictures: the first one that
 * shows something counts.
 */
export function cablesOf(lights) {
  const cables = [];
  const lone = new Map();
  for (const { model, sockets } of lights) {
    sockets.forEach((plug, socket) => {
      if (plug === null) return;
      const end = { model, socket, shows: plug.shows };
      const known = lone.get(plug.cable);
      if (known !== undefined) {
        known.ends.push(end);
        lone.delete(plug.cable);
        return;
      }
      const cable = { id: plug.cable, ends: [end] };
      cables.push(cable);
      // A board that does not say which cable it is has no other end.
      if (plug.cable !== null) lone.set(plug.cable, cable);
    });
  }
  return cables.map(({ id, ends }) => ({
    id, key: ends.map(({ model, socket }) => `${model}.${socket}`).join(" "),
    ends: ends.map(({ model, socket }) => ({ model, socket })), shows: pictureOf(ends),
  }));
}

function pictureOf(ends) {
  const index = ends.findIndex((end) => end.shows !== null);
  if (index < 0) return null;
  const { colour, pixel_ms: pixelMs, away } = ends[index].shows;
  return { colour, pixelMs, isForward: (index === 0) === away };
}

/** Where a dot is some milliseconds later, in pixels from the first end: 0 up to 20, and round again. */
export function moved(at, passed, { pixelMs, isForward }) {
  if (pixelMs === null) return at;
  const way = passed / Math.max(1, pixelMs);
  const next = (at + (isForward ? way : -way)) % PIXELS;
  return next < 0 ? (next + PIXELS) % PIXELS : next;
}

/**
 * The pixels that a dot lit between two frames, as `{first, last}`: it runs faster than a screen, and an eye sees a streak.
 * After its last pixel it begins again with the first one.
 */
export function streak(at, passed, shows) {
  const pixel = Math.floor(at);
  const lit = shows.pixelMs === null ? PIXELS - 1 : Math.ceil(passed / Math.max(1, shows.pixelMs)) - 1;
  const tail = Math.min(PIXELS - 1, Math.max(0, lit));
  return shows.isForward ? { first: Math.max(0, pixel - tail), last: pixel } : { first: pixel, last: Math.min(PIXELS - 1, pixel + tail) };
}
