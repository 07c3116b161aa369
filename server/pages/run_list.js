// The runs at the left: those that need the user first, then those at work, then the others.

import { call } from "./panel/backend.js";
import { button, el, fill } from "./panel/dom.js";
import { runRow } from "./panel/history_view.js";

const PAGE = 40;
const ASKING = new Set(["needs_approval", "needs_answer"]);
const WORKING = new Set(["queued", "running", "pausing", "paused", "taken_over", "stopping"]);

/** The list, in an element of the page. */
export class RunList {
  #element;
  #runs = new Map();
  #chosen = "";
  #more = false;

  constructor(element) {
    this.#element = element;
  }

  /** How many runs wait for the user. */
  get asking() {
    return [...this.#runs.values()].filter(({ waiting }) => waiting).length;
  }

  /** A run is new or has changed. */
  heard(run) {
    if (!this.#runs.size) this.#older("");
    this.#runs.set(run.run, run);
    this.#draw();
  }

  /** The run that is shown beside the list, "" if it is none. */
  choose(name) {
    this.#chosen = name;
    this.#draw();
  }

  /** A run by its name; null if there is none. */
  async find(name) {
    const known = this.#runs.get(name);
    return known ?? call("GET", `/api/runs/${encodeURIComponent(name)}`).catch(() => null);
  }

  async #older(before) {
    const query = new URLSearchParams({ limit: PAGE, ...(before && { before }) });
    const { runs, more } = await call("GET", `/api/runs?${query}`).catch(() => ({ runs: [] }));
    for (const run of runs) if (!this.#runs.has(run.run)) this.#runs.set(run.run, run);
    this.#more = more;
    this.#draw();
  }

  #draw() {
    const runs = [...this.#runs.values()].sort((a, b) => (a.started < b.started ? 1 : -1));
    const [asking, working, earlier] = [[], [], []];
    for (const run of runs) {
      if (ASKING.has(run.state)) asking.push(run);
      else if (WORKING.has(run.state)) working.push(run);
      else earlier.push(run);
    }
    const focused = document.activeElement?.closest("[data-run]")?.dataset.run;
    const older = () => this.#older(runs.at(-1).run);
    fill(
      this.#element,
      this.#group("Need you", asking),
      this.#group("At work", working),
      this.#group("Earlier", earlier),
      this.#more && button("Older ones", { look: "plain", onclick: older }),
    );
    if (focused) this.#element.querySelector(`[data-run="${CSS.escape(focused)}"] button`)?.focus();
  }

  #group(title, runs) {
    if (!runs.length) return null;
    const rows = runs.map((run) => {
      const row = runRow(run, () => (location.hash = run.run));
      if (run.run === this.#chosen) row.setAttribute("aria-current", "true");
      if (run.place) row.lastChild.prepend(`Number ${run.place} · `);
      return el("li", { "data-run": run.run }, row);
    });
    return el("section", { class: "group" }, el("h2", {}, title), el("ul", { class: "rows" }, rows));
  }
}
