// Sockets of a model of a demonstration table, along an edge of its card, with the plugs in them.

import { setText, shape } from "./dom.js";
import { shownName } from "./text.js";

const PITCH = 30;
const PLUG = { width: 20, height: 16 };
const NARROW = { width: 17, height: 12.5 };

/** What a plug says about its cable: its id, or a question mark. */
export function plugName(cable) {
  return cable === null ? "?" : shownName(cable, 3);
}

/** The sockets of a model. */
export class Plugs {
  constructor(devices) {
    this.sockets = devices.map((device) => {
      const slot = shape("rect", { class: "slot", rx: 2 });
      const body = shape("rect", { class: "plug", rx: 3 });
      const id = shape("text", { class: "plug-id", "text-anchor": "middle", dy: "0.36em" });
      const title = shape("title", {});
      return { device: shownName(device, 60), slot, body, id, title, root: shape("g", { class: "socket" }, title, slot, body, id), cable: undefined };
    });
    this.root = shape("g", { class: "sockets" }, ...this.sockets.map((each) => each.root));
    this.show([]);
  }

  /** Puts the sockets along the lower edge of a card, or along its right one. */
  lay({ width, height }, isDown) {
    const room = (isDown ? width - 22 : height - 8) / Math.max(1, this.sockets.length);
    const pitch = Math.min(PITCH, room);
    const plug = isDown ? PLUG : NARROW;
    const [long, deep] = isDown ? [Math.min(plug.width, pitch - 2), plug.height] : [Math.min(plug.height, pitch - 1), plug.width];
    const box = (node, along, out, by) => {
      const size = isDown ? { x: -along / 2, y: by, width: along, height: out } : { x: by, y: -along / 2, width: out, height: along };
      for (const [name, value] of Object.entries(size)) node.setAttribute(name, value.toFixed(1));
    };
    this.sockets.forEach((socket, index) => {
      const at = (index - (this.sockets.length - 1) / 2) * pitch;
      const [x, y] = isDown ? [width / 2 + at, height] : [width, height / 2 + at];
      socket.root.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      box(socket.slot, long * 0.8, 5, -2.5);
      box(socket.body, long, deep, -1);
      socket.id.setAttribute("x", isDown ? 0 : deep / 2 - 1);
      socket.id.setAttribute("y", isDown ? deep / 2 - 1 : 0);
      socket.end = isDown ? { x, y: y + deep - 1 } : { x: x + deep - 1, y };
    });
  }

  /** Shows which plugs are in. */
  show(plugs) {
    this.sockets.forEach((socket, index) => {
      const plug = plugs[index] ?? null;
      const cable = plug === null ? null : plugName(plug.cable);
      if (cable === socket.cable) return;
      socket.cable = cable;
      socket.root.classList.toggle("plugged", cable !== null);
      setText(socket.id, cable ?? "");
      setText(socket.title, cable === null ? `${socket.device}: nothing plugged in` : `${socket.device}: cable ${cable}`);
    });
  }

  /** Where the cable leaves the plug in a socket, in the card. */
  endOf(socket) {
    return this.sockets[socket]?.end ?? null;
  }

  /** What is plugged in, for the ear. */
  get text() {
    const cables = this.sockets.filter((socket) => socket.cable !== null).map((socket) => socket.cable);
    return cables.length === 0 ? "no cable" : `${cables.length === 1 ? "cable" : "cables"} ${cables.join(", ")}`;
  }
}
