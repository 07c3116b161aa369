// Pairing this page: a code from the terminal, typed in here.

import { call, pair } from "./panel/backend.js";
import { button, el } from "./panel/dom.js";

/** Asks for a code at once, so that one stands in the terminal. */
export class PairView {
  element = el("section", { class: "pairing" });
  #problem = el("p", { class: "problem", role: "alert", hidden: true });
  #code = el("input", {
    class: "input code", id: "code", autocomplete: "off", spellcheck: false, maxLength: 12,
    placeholder: "ABCD-EFGH", required: true, "aria-describedby": "where-code",
  });

  constructor() {
    const form = el("form", { class: "row" }, this.#code, button("Pair", { look: "primary", type: "submit" }));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.#try(() => pair(this.#code.value));
    };
    const again = button("Show a code again", { look: "plain", onclick: () => this.#ask() });
    this.element.append(
      el("h1", { tabIndex: -1 }, el("label", { htmlFor: "code" }, "Pair this page")),
      el("p", { class: "lead", id: "where-code" },
        "A code stands in the terminal in which secondlook runs. Whoever can type it here is you."),
      form,
      this.#problem,
      el("div", {}, again),
    );
    this.#ask();
  }

  /** The cursor into the field. */
  focus() {
    this.#code.focus();
  }

  async #ask() {
    await this.#try(() => call("POST", "/api/pair/code"));
    this.focus();
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
