// The plan with its ticks.

import { el, fill, icon, say } from "./dom.js";
import { count } from "./words.js";

/** The list of steps. `apply` takes the events that change it. */
export class Plan {
  element = el("section", { class: "plan", hidden: true, "aria-labelledby": "plan-title" });
  #steps = [];
  #open = true;
  #ended = false;

  /** The step in hand and their number, in words; "" when none is. */
  get now() {
    const at = this.#ended ? -1 : this.#steps.findIndex((step) => !step.done);
    return at < 0 ? "" : `Step ${at + 1} of ${this.#steps.length}: ${this.#steps[at].do}`;
  }

  apply(event) {
    const step = this.#steps[event.step];
    if (event.kind === "planned") {
      this.#steps = event.steps.map((planned) => ({ ...planned }));
      this.#ended = false;
      say(`${event.replanned ? "New plan" : "Plan"}: ${count(event.steps.length, "step")}.`);
    } else if (event.kind === "step_done" && step) {
      Object.assign(step, { done: true, evidence: event.evidence });
      say(`Step ${event.step + 1} done: ${step.do}`);
    } else if (event.kind === "step_undone" && step) {
      Object.assign(step, { done: false, evidence: "" });
    } else if (event.kind === "finished") {
      this.#ended = true;
    } else if (event.kind === "started") {
      this.#ended = false;
    } else {
      return;
    }
    this.#draw();
  }

  #draw() {
    const steps = this.#steps;
    const done = steps.filter((step) => step.done).length;
    const current = this.#ended ? -1 : steps.findIndex((step) => !step.done);
    const share = steps.length ? done / steps.length : 0;
    const bar = el("span", { class: "share", "aria-hidden": "true" }, el("span"));
    bar.firstChild.style.inlineSize = `${share * 100}%`;
    const details = el(
      "details",
      { open: this.#open, ontoggle: () => (this.#open = details.open) },
      el(
        "summary",
        {},
        el("h2", { id: "plan-title" }, "Plan"),
        bar,
        el("span", { class: "faint" }, `${done} of ${steps.length}`),
      ),
      el("ol", { class: "steps" }, steps.map((step, index) => line(step, index === current))),
    );
    this.element.hidden = !steps.length;
    fill(this.element, details);
  }
}

function line(step, current) {
  const state = step.done ? "done" : current ? "current" : "open";
  const spoken = { done: "Done: ", current: "Now: ", open: "" }[state];
  return el(
    "li",
    { class: `step ${state}`, "aria-current": current ? "step" : undefined },
    el("span", { class: "tick" }, step.done ? icon("check", 12) : null),
    el(
      "div",
      {},
      el("span", { class: "unseen" }, spoken),
      el("span", { class: "do" }, step.do),
      step.evidence && el("span", { class: "evidence" }, step.evidence),
    ),
  );
}
