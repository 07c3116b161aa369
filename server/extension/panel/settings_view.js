// Where the backend is, which version answers there, and how to part from it.

import { call, forget } from "./backend.js";
import { addressForm } from "./connect_view.js";
import { button, el, fill } from "./dom.js";

/** What is changed here the stream hears of by the settings. */
export class SettingsView {
  element = el("section", { class: "settings" });
  #about = el("p", { class: "faint" }, "…");

  constructor() {
    this.element.append(
      el("h1", { tabIndex: -1 }, "Settings"),
      block("Address", "Where secondlook answers on this machine.", addressForm()),
      block(
        "This browser",
        "It may start, watch and steer runs until you disconnect it.",
        button("Disconnect", { look: "danger", onclick: forget }),
      ),
      block("About", "", this.#about),
    );
    this.#read();
  }

  async #read() {
    const mine = chrome.runtime.getManifest().version;
    try {
      const { version } = await call("GET", "/api/about");
      const other = version === mine ? "" : ` The panel is ${mine}: update the older of the two.`;
      fill(this.#about, `secondlook ${version}.${other}`);
    } catch (error) {
      fill(this.#about, error.message);
    }
  }
}

function block(title, words, ...content) {
  return el("section", { class: "block" }, el("h2", {}, title), words && el("p", { class: "faint" }, words), ...content);
}
