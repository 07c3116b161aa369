// A new task, in a browser of its own.

import { call } from "./panel/backend.js";
import { button, el } from "./panel/dom.js";

/** The form. `started(run)` is told of the run that it starts. */
export class StartView {
  element = el("form", { class: "start" });
  #started;
  #task = el("textarea", {
    id: "task", class: "input", rows: 3, maxLength: 4000, required: true,
    placeholder: "In plain words: what shall be done?",
  });
  #url = text("Start page", "https://shop.example", "url");
  #allow = text("Further sites it may open", "pay.example, id.example", "allow");
  #secrets = text("Secrets it may fill in, by name", "PASSWORD, CARD@pay.example", "secrets");
  #headed = check("Show the window, so that I can take over");
  #yes = check("Do not ask before ordering, paying, sending or deleting");
  #problem = el("p", { class: "problem", role: "alert", hidden: true });

  constructor({ started, task = "" }) {
    this.#started = started;
    this.#task.value = task;
    this.element.onsubmit = (event) => {
      event.preventDefault();
      this.#start();
    };
    this.#task.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.element.requestSubmit();
    };
    const go = button("Start", { symbol: "arrow", look: "primary", type: "submit" });
    const options = [this.#allow, this.#secrets, this.#headed, this.#yes].map(({ element }) => element);
    this.element.append(
      el("h1", {}, el("label", { htmlFor: "task" }, "What shall I do for you?")),
      el("div", { class: "box" }, this.#task, el("div", { class: "row" }, this.#url.input, go)),
      this.#problem,
      el("details", { class: "options" }, el("summary", {}, "Options"), options),
      el("p", { class: "faint" },
        "It works in a browser of its own, where you are logged in nowhere. For your own tabs there is the side panel in Chrome."),
    );
  }

  /** The cursor into the box. */
  focus() {
    this.#task.focus();
  }

  async #start() {
    const values = ({ input }) => input.value.split(",").map((value) => value.trim()).filter(Boolean);
    this.#problem.hidden = true;
    try {
      this.#started(await call("POST", "/api/runs", {
        task: this.#task.value.trim(),
        url: this.#url.input.value.trim(),
        allow: values(this.#allow),
        secrets: values(this.#secrets),
        headed: this.#headed.input.checked,
        yes: this.#yes.input.checked,
      }));
    } catch (error) {
      Object.assign(this.#problem, { textContent: error.message, hidden: false });
    }
  }
}

function text(label, placeholder, id) {
  const input = el("input", { class: "input", id, placeholder, spellcheck: false, "aria-label": label });
  return { input, element: el("label", { class: "field", htmlFor: id }, el("span", {}, label), input) };
}

function check(words) {
  const input = el("input", { type: "checkbox" });
  return { input, element: el("label", { class: "check" }, input, el("span", {}, words)) };
}
