// A new task: what shall be done, where, and with what.

import { call } from "./backend.js";
import { button, el, fill, icon } from "./dom.js";
import { runRow } from "./history_view.js";
import { newTab, userTab, workable } from "./tab.js";
import { place } from "./words.js";

const EXAMPLES = [
  "Find the opening hours",
  "Put the cheapest one in size M in the basket",
  "Fill in this form, and ask me what is missing",
];

/** The form. `started(run)` gets the new run; `open(run)` one of the latest. */
export class StartView {
  element = el("form", { class: "start" });
  #started;
  #open;
  #tab = null;
  #own = false;
  #where = el("div", { class: "where" });
  #latest = el("section", { class: "latest", hidden: true });
  #problem = el("p", { class: "problem", role: "alert", hidden: true });
  #task = el("textarea", {
    id: "task", class: "input", rows: 3, maxLength: 4000, required: true,
    placeholder: "In plain words: what shall be done?",
  });
  #allow = field("Further sites it may open", "shop.example, pay.example");
  #secrets = field("Secrets it may fill in, by name", "PASSWORD, CARD@pay.example");
  #yes = el("input", { type: "checkbox", id: "yes" });

  constructor({ started, open, task = "" }) {
    this.#started = started;
    this.#open = open;
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
    this.#task.oninput = () => this.#grow();
    this.element.append(...this.#parts());
    this.look();
  }

  /** The cursor into the box. */
  focus() {
    this.#task.focus();
    this.#grow();
  }

  /** The latest runs, as the stream tells of them. */
  runs(runs) {
    const rows = runs.slice(0, 4).map((run) => runRow(run, this.#open));
    this.#latest.hidden = !rows.length;
    fill(this.#latest, el("h2", {}, "Latest"), el("ul", { class: "rows" }, rows.map((row) => el("li", {}, row))));
  }

  #parts() {
    const go = button("Start", { symbol: "arrow", look: "primary", type: "submit" });
    const examples = EXAMPLES.map((words) =>
      button(words, { look: "example", onclick: () => { this.#task.value = words; this.focus(); } }));
    const yes = el(
      "label",
      { class: "check", htmlFor: "yes" },
      this.#yes,
      el("span", {}, "Do not ask before ordering, paying, sending or deleting"),
    );
    return [
      el("h1", {}, el("label", { htmlFor: "task" }, "What shall I do for you?")),
      el("div", { class: "box" }, this.#task, el("div", { class: "row" }, this.#where, go)),
      this.#problem,
      el("div", { class: "examples", role: "group", "aria-label": "Examples" }, examples),
      el(
        "details",
        { class: "options" },
        el("summary", {}, "Options"),
        this.#allow.element,
        this.#secrets.element,
        yes,
      ),
      this.#latest,
    ];
  }

  #grow() {
    this.#task.style.blockSize = "auto";
    this.#task.style.blockSize = `${this.#task.scrollHeight + 2}px`;
  }

  /** Where it would be done: another tab may be beside the panel now. */
  async look() {
    this.#tab = await userTab();
    const here = this.#tab && workable(this.#tab.url);
    const words = this.#own ? "In the background" : here ? place(this.#tab.url) : "In a new tab";
    const title = this.#own ? "In a browser of its own that you do not see" : this.#tab?.title || words;
    const other = this.#own ? "Do it in your tab instead" : "Do it in the background instead";
    fill(
      this.#where,
      el("button", {
        type: "button", class: "place", title: `${title}. ${other}.`, "aria-pressed": String(this.#own),
        onclick: () => { this.#own = !this.#own; this.look(); },
      }, icon(this.#own ? "eye" : "tab", 14), el("span", {}, words)),
    );
  }

  async #start() {
    const task = this.#task.value.trim();
    if (!task) return;
    this.#fail("");
    try {
      const body = { task, allow: this.#allow.values(), secrets: this.#secrets.values(), yes: this.#yes.checked };
      this.#started(await call("POST", "/api/runs", { ...body, ...(await this.#place()) }));
    } catch (error) {
      this.#fail(error.message);
    }
  }

  async #place() {
    const here = this.#tab && workable(this.#tab.url);
    if (this.#own) return { url: here ? this.#tab.url : "" };
    const tab = here ? this.#tab : await newTab();
    return { tab: tab.id, url: tab.url };
  }

  #fail(sentence) {
    this.#problem.textContent = sentence;
    this.#problem.hidden = !sentence;
  }
}

/** A text field of several values, parted by commas. */
function field(label, placeholder) {
  const input = el("input", { class: "input", type: "text", placeholder, spellcheck: false });
  return {
    element: el("label", { class: "field" }, el("span", {}, label), input),
    values: () => input.value.split(",").map((value) => value.trim()).filter(Boolean),
  };
}
