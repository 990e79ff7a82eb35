// LEDs and sockets of one model, large, for the screen of a Pi.

import { PIXELS, cablesOf } from "./cables.js";
import { element, setText, shape } from "./dom.js";
import { Led } from "./leds.js";
import { plugName } from "./plugs.js";
import { Strands } from "./strands.js";
import { shownName } from "./text.js";

const LONG = PIXELS * 8;
// A cable lies straight here, from left to right.
const STRAIGHT = [0, 1 / 3, 2 / 3, 1].map((share) => ({ x: 6 + share * LONG, y: 11 }));

/** What shines at a model. */
export class Lamps {
  constructor(live) {
    this.live = live;
    this.root = element("div", { class: "lamps" });
    this.strands = new Strands(() => !live.isLost);
    live.on("lights", () => this.update());
  }

  /** Shows another model of a run. */
  setModel(run, index) {
    Object.assign(this, { run, index });
    const { leds = [], sockets = [] } = run.models[index];
    this.leds = leds.map((facts) => new Led(facts));
    this.words = this.leds.map(() => element("span", { class: "of" }));
    const lamps = this.leds.map((led, index) => element("div", { class: "lamp" },
      shape("svg", { viewBox: `-3 -10 ${led.width + 6} 20`, "aria-hidden": "true" }, led.root), this.words[index]));
    this.sockets = sockets.map((device) => {
      const drawing = shape("svg", { viewBox: `0 0 ${LONG + 12} 22`, "aria-hidden": "true" });
      const id = element("b", { class: "id" });
      const joined = element("bdi", { class: "joined" });
      return { drawing, id, joined, root: element("div", { class: "lamp socket-line", title: shownName(device, 60) }, id, drawing, joined) };
    });
    this.strands.set([], null, null);
    this.root.replaceChildren(...lamps, ...this.sockets.map((socket) => socket.root));
    this.update();
  }

  update() {
    if (!this.run) return;
    const { lights } = this.live;
    const own = lights.find((each) => each.model === this.index);
    this.leds.forEach((led, index) => {
      if (own?.leds[index]) led.show(own.leds[index]);
      setText(this.words[index], led.text);
    });
    const cables = cablesOf(lights).flatMap((cable) => this.seenFromHere(cable));
    this.sockets.forEach((socket, index) => this.showSocket(socket, cables.find((cable) => cable.socket === index)));
    this.strands.set(cables, () => STRAIGHT, (strand) => this.sockets[strand.cable.socket]?.drawing.append(strand.root, strand.light));
  }

  // A cable once for each end that is here, which is its left one.
  seenFromHere({ id, ends, shows }) {
    return ends.flatMap((end, index) => {
      if (end.model !== this.index) return [];
      const turned = shows === null || index === 0 ? shows : { ...shows, isForward: !shows.isForward };
      const other = ends.filter((each) => each !== end);
      return [{ id, key: String(end.socket), socket: end.socket, ends: [end, ...other], shows: turned }];
    });
  }

  showSocket({ root, id, joined }, cable) {
    root.classList.toggle("plugged", cable !== undefined);
    setText(id, cable === undefined ? "" : plugName(cable.id));
    const other = cable?.ends[1];
    setText(joined, cable === undefined ? "nothing plugged in" : other ? shownName(this.run.models[other.model]?.name, 40) : "the other end is missing");
  }
}
