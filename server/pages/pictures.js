// The page as the run saw it: the newest picture, and every earlier one to go back to.

import { button, el, fill, icon } from "./panel/dom.js";
import { readSettings } from "./settings.js";

/** The pictures of one run. `told` takes every event in its order. */
export class Pictures {
  element = el("figure", { class: "pictures" });
  #run;
  #looks = [];
  #at = -1;
  #shown = new Map();
  #title = el("figcaption", { class: "address" });
  #image = el("img", { alt: "", hidden: true });
  #none = el("p", { class: "none" }, icon("eye", 28), el("span", {}, "No picture of the page yet"));
  #slider = el("input", { type: "range", min: 0, "aria-label": "Which picture" });
  #count = el("span", { class: "faint" });
  #steps;

  constructor(run) {
    this.#run = run;
    this.#slider.oninput = () => this.#show(Number(this.#slider.value));
    const step = (label, look, by) =>
      button("", { label, symbol: "back", look: `plain bare ${look}`, onclick: () => this.#show(this.#at + by) });
    this.#steps = [step("Earlier picture", "", -1), step("Later picture", "forth", 1)];
    const window = el("div", { class: "window" }, this.#title, el("div", { class: "view" }, this.#none, this.#image));
    const controls = el("div", { class: "scrub" }, this.#steps[0], this.#slider, this.#steps[1], this.#count);
    this.element.append(window, controls);
    this.#draw();
  }

  told(event) {
    if (event.kind !== "observed" || !event.screenshot) return;
    const follows = this.#at === this.#looks.length - 1;
    this.#looks.push({ name: event.screenshot.split("/").at(-1), url: event.url, title: event.title });
    if (follows) this.#show(this.#looks.length - 1);
    else this.#draw();
  }

  /** Another run is shown: let go of the pictures. */
  leave() {
    for (const address of this.#shown.values()) URL.revokeObjectURL(address);
    this.#shown.clear();
  }

  async #show(index) {
    this.#at = Math.max(0, Math.min(index, this.#looks.length - 1));
    this.#draw();
    const { name, title } = this.#looks[this.#at];
    const address = this.#shown.get(name) ?? (await this.#fetch(name));
    if (!address || this.#looks[this.#at].name !== name) return;
    Object.assign(this.#image, { src: address, alt: `The page ${title}`, hidden: false });
    this.#none.hidden = true;
  }

  async #fetch(name) {
    const { token } = await readSettings();
    const path = `/api/runs/${encodeURIComponent(this.#run)}/screenshots/${encodeURIComponent(name)}`;
    const response = await fetch(path, { headers: { Authorization: `Bearer ${token}` } }).catch(() => null);
    if (!response?.ok) return "";
    const address = URL.createObjectURL(await response.blob());
    this.#shown.set(name, address);
    return address;
  }

  #draw() {
    const { length } = this.#looks;
    const look = this.#looks[this.#at];
    const words = look ? [el("strong", {}, look.title || "Untitled"), el("span", {}, look.url)] : [];
    const dots = el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    fill(this.#title, dots, words);
    Object.assign(this.#slider, { max: Math.max(length - 1, 0), value: Math.max(this.#at, 0), disabled: length < 2 });
    this.#count.textContent = length ? `${this.#at + 1} of ${length}` : "";
    this.#steps[0].disabled = this.#at <= 0;
    this.#steps[1].disabled = this.#at >= length - 1;
  }
}
