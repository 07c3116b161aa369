// Who may speak to the backend, and how to take that back.

import { call, forget } from "./panel/backend.js";
import { button, el, fill } from "./panel/dom.js";

/** The paired clients, this page among them. */
export class SettingsView {
  element = el("section", { class: "settings" });
  #list = el("ul", { class: "pairings" });
  #about = el("p", { class: "faint" });

  constructor() {
    this.element.append(
      el("h1", { tabIndex: -1 }, "Settings"),
      el("section", { class: "block" },
        el("h2", {}, "Paired clients"),
        el("p", { class: "faint" }, "Each of them may start, watch and steer runs on this machine."),
        this.#list),
      el("section", { class: "block" }, el("h2", {}, "About"), this.#about),
    );
    this.#read();
  }

  async #read() {
    try {
      const { pairings } = await call("GET", "/api/pairings");
      const { version } = await call("GET", "/api/about");
      fill(this.#list, pairings.map((pairing) => this.#row(pairing)));
      this.#about.textContent = `secondlook ${version}`;
    } catch (error) {
      this.#about.textContent = error.message;
    }
  }

  #row({ pairing, name, origin, made, yours }) {
    const since = new Date(made).toLocaleDateString(undefined, { dateStyle: "medium" });
    const end = yours
      ? button("Sign out", { look: "plain", onclick: forget })
      : button("Remove", { look: "danger", onclick: () => this.#remove(pairing) });
    const words = [yours && "this page", origin, `since ${since}`].filter(Boolean).join(" · ");
    return el("li", {}, el("div", {}, el("strong", {}, name), el("span", { class: "faint" }, words)), end);
  }

  async #remove(pairing) {
    await call("DELETE", `/api/pairings/${pairing}`).catch(() => {});
    await this.#read();
  }
}
