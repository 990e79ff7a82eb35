// Begins: asks what the run is, listens, and begins anew whenever another run or another controller is there.

import { kioskModel } from "./address.js";
import { Client } from "./client.js";
import { Kiosk } from "./kiosk.js";
import { Page } from "./page.js";
import { Live, Run } from "./run.js";
import { complain } from "./status.js";

const RETRY = 1000;

const client = new Client();
const live = new Live();
const model = kioskModel();
const view = model === null ? new Page(client, live) : new Kiosk(document.getElementById("kiosk"), client, live, model);
let asked = 0;

// Events of a run that is not known yet wait for it.
async function load() {
  asked += 1;
  const own = asked;
  try {
    const facts = await client.run();
    // There is none as long as a result is read: what the address wants charted is not to be looked for in nothing.
    if (own !== asked || facts.id === 0) return;
    view.setRun(new Run(facts));
  } catch (error) {
    if (own !== asked) return;
    complain(`what the run is cannot be read: ${error.message}`);
    setTimeout(() => own === asked && load(), RETRY);
  }
}

client.listen({
  lost: () => {
    live.isLost = true;
    view.status.setLost(true);
  },
  found: () => {
    // All is told again from the beginning, also of a run that is not the one before.
    live.isLost = false;
    live.reset();
    view.status.setLost(false);
  },
  run: () => {
    live.reset();
    load();
  },
  bye: () => {},
  ...Object.fromEntries(["state", "values", "sites", "lights", "notice", "adjusted", "ended"].map((name) => [name, (detail) => live.take(name, detail)])),
});
