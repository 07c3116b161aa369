// Earlier runs, the newest first.

import { call } from "./backend.js";
import { button, el, fill } from "./dom.js";
import { ago, host, STATES } from "./words.js";

const PAGE = 30;

/** The list. `open(run)` shows one. */
export class HistoryView {
  element = el("section", { class: "history" });
  #open;
  #list = el("ul", { class: "rows" });
  #more = el("div");

  constructor(open) {
    this.#open = open;
    this.element.append(el("h1", { tabIndex: -1 }, "History"), this.#list, this.#more);
    this.#read("");
  }

  async #read(before) {
    fill(this.#more, el("p", { class: "faint" }, "Reading …"));
    try {
      const query = new URLSearchParams({ limit: PAGE, ...(before && { before }) });
      const { runs, more } = await call("GET", `/api/runs?${query}`);
      this.#list.append(...runs.map((run) => el("li", {}, runRow(run, this.#open))));
      const next = () => this.#read(runs.at(-1).run);
      const none = !this.#list.childElementCount && el("p", { class: "empty" }, "Nothing was done yet.");
      fill(this.#more, more ? button("Older ones", { look: "plain", onclick: next }) : none);
    } catch (error) {
      fill(this.#more, el("p", { class: "problem", role: "alert" }, error.message));
    }
  }
}

/** One run in a list: opens it. */
export function runRow(run, open) {
  const { words, look } = STATES[run.state];
  const site = host(run.url);
  return el(
    "button",
    { type: "button", class: "runrow", onclick: () => open(run) },
    el("span", { class: `dot ${look}`, "aria-hidden": "true" }),
    el("span", { class: "name" }, run.task || run.workflow),
    el("span", { class: "faint" }, [words, site, ago(run.updated)].filter(Boolean).join(" · ")),
  );
}
