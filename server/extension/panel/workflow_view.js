// Workflows: tasks that are kept as files, each started with its own inputs.

import { call } from "./backend.js";
import { button, el, fill, icon } from "./dom.js";
import { newTab, userTab, workable } from "./tab.js";
import { host, sentence } from "./words.js";

/** The list, and the form of the one chosen. `started(run)` gets the new run. */
export class WorkflowView {
  element = el("section", { class: "workflows" });
  #started;
  #workflows = [];
  #folder = "";

  constructor(started) {
    this.#started = started;
    this.#read();
  }

  async #read() {
    fill(this.element, el("h1", { tabIndex: -1 }, "Workflows"), el("p", { class: "faint" }, "Reading …"));
    try {
      ({ workflows: this.#workflows, folder: this.#folder } = await call("GET", "/api/workflows"));
      this.#list();
    } catch (error) {
      fill(this.element, el("h1", {}, "Workflows"), el("p", { class: "problem", role: "alert" }, error.message));
    }
  }

  #list() {
    const rows = this.#workflows.map((workflow) => el("li", {}, this.#row(workflow)));
    const none = el(
      "p",
      { class: "empty" },
      "A workflow is a task that you keep and start again with other values. Make one of a run: ",
      el("code", {}, `secondlook workflow from-run RUN ${this.#folder}/NAME.yaml`),
    );
    const where = el("p", { class: "faint kept" }, "Kept as files in ", el("code", {}, this.#folder));
    const list = rows.length ? [el("ul", { class: "rows" }, rows), where] : [none];
    fill(this.element, el("h1", { tabIndex: -1 }, "Workflows"), ...list);
  }

  #row(workflow) {
    const { name, title, description, url, problem } = workflow;
    const words = problem || description || host(url);
    return el(
      "button",
      { type: "button", class: "runrow", disabled: Boolean(problem), onclick: () => this.#form(workflow) },
      el("span", { class: `dot ${problem ? "bad" : "calm"}`, "aria-hidden": "true" }),
      el("span", { class: "name" }, title || name),
      words && el("span", { class: "faint" }, words),
    );
  }

  #form(workflow) {
    const { name, title, description, inputs } = workflow;
    const fields = inputs.map(inputField);
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const form = el(
      "form",
      { class: "inputs" },
      description && el("p", { class: "faint" }, description),
      fields.map((field) => field.element),
      problem,
      el("div", { class: "choices" },
        button("Start", { symbol: "arrow", look: "primary", type: "submit" }),
        button("Back", { look: "plain", onclick: () => this.#list() })),
    );
    form.onsubmit = async (event) => {
      event.preventDefault();
      const values = fields.map((field) => [field.name, field.value()]);
      const given = Object.fromEntries(values.filter(([, value]) => value !== undefined));
      try {
        this.#started(await call("POST", "/api/runs", { workflow: name, inputs: given, ...(await where()) }));
      } catch (error) {
        Object.assign(problem, { textContent: error.message, hidden: false });
      }
    };
    fill(this.element, el("h1", { tabIndex: -1 }, title || name), form);
    form.querySelector("input, select, textarea")?.focus();
  }
}

async function where() {
  const beside = await userTab();
  const tab = beside && workable(beside.url) ? beside : await newTab();
  return { tab: tab.id, url: tab.url };
}

/** The field of one input: its element, and its value, undefined where it is left out. */
function inputField({ name, kind, description, required, default: usual, choices }) {
  const id = `input-${name}`;
  const common = { id, class: "input", required: required && kind !== "yes_no" };
  const shown = usual ?? "";
  const hint = description && el("span", { class: "faint" }, sentence(description));
  const optional = !required && usual === null && kind !== "yes_no";
  const words = sentence(name.replaceAll("_", " "));
  const label = el("span", {}, words, optional && el("span", { class: "faint" }, " (optional)"));
  if (kind === "secret") {
    const kept = "It is taken from the environment or the keyring of the machine, and never sent.";
    const line = el("p", { class: "faint secret" }, icon("shield", 14), kept);
    return { name, element: el("div", { class: "field" }, label, hint, line), value: () => undefined };
  }
  if (kind === "yes_no") {
    const box = el("input", { type: "checkbox", id, checked: usual === true });
    const element = el("label", { class: "check", htmlFor: id }, box, el("span", {}, label, hint));
    return { name, element, value: () => box.checked };
  }
  const control = controlFor(kind, { ...common, value: shown }, choices, usual);
  const element = el("label", { class: "field", htmlFor: id }, label, hint, control);
  return { name, element, value: () => typed(kind, control.value) };
}

function controlFor(kind, props, choices, usual) {
  if (kind === "choice") {
    const options = [...(usual === null ? [""] : []), ...choices];
    return el("select", props, options.map((choice) => el("option", { value: choice, selected: choice === usual }, choice)));
  }
  if (kind === "list") {
    const lines = Array.isArray(usual) ? usual.join("\n") : props.value;
    return el("textarea", { ...props, rows: 3, value: lines, placeholder: "One a line" });
  }
  const types = { number: "number", date: "date" };
  const more = { number: { step: "any" }, file: { placeholder: "A path on this machine", spellcheck: false } };
  return el("input", { type: types[kind] ?? "text", ...more[kind], ...props });
}

function typed(kind, text) {
  if (text.trim() === "") return undefined;
  if (kind === "number") return Number(text);
  if (kind === "list") return text.split("\n").map((line) => line.trim()).filter(Boolean);
  return text;
}
