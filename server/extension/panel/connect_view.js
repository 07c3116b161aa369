// The first meeting: start the backend, have it show a code, type it in.

import { asAddress, readSettings, writeSettings } from "../settings.js";
import { call, pair } from "./backend.js";
import { button, el } from "./dom.js";

const COMMAND = "secondlook serve";

/** Three steps to a pairing, which the settings then tell of. */
export class ConnectView {
  element = el("section", { class: "connect" });
  #problem = el("p", { class: "problem", role: "alert", hidden: true });
  #told = el("p", { class: "faint", role: "status" });
  #code = el("input", {
    class: "input code", id: "code", autocomplete: "off", spellcheck: false, maxLength: 12,
    placeholder: "ABCD-EFGH", required: true, "aria-label": "The code from the terminal",
  });

  constructor() {
    const form = el(
      "form",
      { class: "row" },
      this.#code,
      button("Connect", { look: "primary", type: "submit" }),
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      this.#pair();
    };
    const ask = button("Show a code in the terminal", { look: "plain", onclick: () => this.#ask() });
    this.element.append(
      el("h1", { tabIndex: -1 }, "Connect this browser"),
      el("p", { class: "lead" }, "secondlook runs on your own machine. Nobody can use it from this browser until you say so, once."),
      el(
        "ol",
        { class: "stages" },
        el("li", {}, el("h2", {}, "Start it"), command()),
        el("li", {}, el("h2", {}, "Have it show a code"), ask, this.#told),
        el("li", {}, el("h2", {}, "Type it here"), form),
      ),
      this.#problem,
      el("details", { class: "options" }, el("summary", {}, "It is at another address"), addressForm()),
    );
  }

  async #ask() {
    await this.#try(async () => {
      await call("POST", "/api/pair/code", {});
      this.#told.textContent = "It stands in the terminal now. It is good for ten minutes.";
      this.#code.focus();
    });
  }

  async #pair() {
    await this.#try(() => pair(this.#code.value));
  }

  async #try(work) {
    this.#problem.hidden = true;
    try {
      await work();
    } catch (error) {
      Object.assign(this.#problem, { textContent: error.message, hidden: false });
    }
  }
}

/** The command that starts the backend, to be copied. */
export function command() {
  const copy = button("", { symbol: "copy", look: "plain bare", label: "Copy the command" });
  copy.onclick = async () => {
    await navigator.clipboard.writeText(COMMAND);
    copy.classList.add("copied");
    copy.setAttribute("aria-label", "Copied");
  };
  return el("div", { class: "command" }, el("code", {}, COMMAND), copy);
}

/** The backend's address, which the settings keep. */
export function addressForm() {
  const input = el("input", { class: "input", id: "address", spellcheck: false, "aria-label": "Address" });
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const form = el("form", {}, el("div", { class: "row" }, input, button("Keep", { look: "plain", type: "submit" })), problem);
  readSettings().then(({ address }) => (input.value = address));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const address = asAddress(input.value);
    const wrong = "That is no address on this machine, such as http://127.0.0.1:8770.";
    Object.assign(problem, { textContent: wrong, hidden: Boolean(address) });
    if (!address) return;
    input.value = address;
    await writeSettings({ address });
  };
  return form;
}
