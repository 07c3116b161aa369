// One run: its task and state, the plan, what happens, what it asks, and how it is steered.

import { asking } from "./asking.js";
import { call } from "./backend.js";
import { button, el, fill, icon, say } from "./dom.js";
import { Plan } from "./plan.js";
import { showTab, userTab, workable } from "./tab.js";
import { Timeline } from "./timeline.js";
import { sentence, STATES } from "./words.js";

const PAUSABLE = new Set(["running", "needs_approval", "needs_answer"]);
const ENDED = new Set(["done", "failed", "limit", "stopped", "interrupted"]);

/** The view of a run. `run` and `told` bring it what the stream tells. */
export class RunView {
  element = el("article", { class: "run" });
  last = 0;
  #run;
  #plan = new Plan();
  #timeline = new Timeline();
  #head = el("header", { class: "task" });
  #asks = el("div", { class: "asks" });
  #end = el("div", { class: "end" });
  #now = el("p", { class: "now", tabIndex: -1 });
  #steer = el("div", { class: "choices", role: "group", "aria-label": "Steer the run" });
  #problem = el("p", { class: "problem", role: "alert", hidden: true });
  #dock = el("footer", { class: "dock" });
  #asked = null;
  #steered = "";
  #live = false;
  #again;

  /** `again(task)` begins a new task with these words. */
  constructor(run, again) {
    this.#again = again;
    const body = [this.#head, this.#plan.element, this.#timeline.element, this.#end];
    this.#dock.append(this.#asks, this.#problem, this.#now, this.#steer);
    this.element.append(...body, this.#dock);
    this.element.onkeydown = ({ key, isComposing }) => {
      if (key !== "Escape" || isComposing || this.#run.elsewhere) return;
      if (PAUSABLE.has(this.#run.state)) this.#do("pause");
    };
    this.run(run);
  }

  get name() {
    return this.#run.run;
  }

  /** The run stands elsewhere than before. */
  run(run) {
    const before = this.#run?.state;
    this.#run = run;
    if (run.state !== before) {
      if (before) say(STATES[run.state].words);
      if (ENDED.has(run.state) || run.state.startsWith("pa")) this.#timeline.settle();
    }
    this.#drawHead();
    this.#drawAsking();
    this.#drawEnd();
    this.#drawNow();
    this.#drawSteer();
  }

  /** An event of the run. What was told already is passed over. */
  told({ number, event }) {
    if (number !== null && number <= this.last) return;
    const follow = this.#followed();
    this.last = number ?? this.last;
    this.#plan.apply(event);
    this.#timeline.apply(event);
    this.#drawNow();
    if (follow) this.#scroll();
  }

  /** All that was stored has been told. */
  caughtUp() {
    this.#live = true;
    this.#scroll();
  }

  #followed() {
    const { scrollTop, scrollHeight, clientHeight } = document.getElementById("main");
    return this.#live && scrollHeight - scrollTop - clientHeight < 120;
  }

  #scroll() {
    const main = document.getElementById("main");
    main.scrollTop = main.scrollHeight;
  }

  #drawHead() {
    const { task, workflow, tab, model } = this.#run;
    const where = tab === null ? "In a browser of its own" : "In your tab";
    const by = model && model.split("/").at(-1);
    fill(
      this.#head,
      el("h1", { tabIndex: -1, class: task.length > 100 ? "long" : "" }, task || workflow),
      el("p", { class: "faint meta", title: model }, [where, by].filter(Boolean).join(" · ")),
    );
  }

  #drawNow() {
    const { state, place, elsewhere } = this.#run;
    const { words, look } = STATES[state];
    const told = elsewhere ? "In a terminal" : state === "queued" && place ? `${words}: number ${place}` : words;
    const step = ENDED.has(state) ? "" : this.#plan.now;
    fill(
      this.#now,
      el("span", { class: `pill ${look}` }, el("span", { class: "dot" }), told),
      step && el("span", { class: "faint step-now", title: step }, step),
    );
  }

  #drawAsking() {
    const { waiting } = this.#run;
    if (waiting?.to === this.#asked) return;
    this.#asked = waiting?.to;
    if (!waiting) {
      this.#keepFocus(this.#asks);
      return fill(this.#asks);
    }
    const card = asking(waiting, (body) => this.#do("answer", body));
    fill(this.#asks, card);
    card.querySelector("h2").focus({ preventScroll: true });
    this.#scroll();
    say(waiting.kind === "approval" ? `Needs your yes: ${waiting.said}` : waiting.question);
  }

  #drawEnd() {
    const { state, answer, evidence, needs_tab: needsTab } = this.#run;
    if (!ENDED.has(state)) return fill(this.#end);
    const { words, look } = STATES[state];
    const symbol = { done: "check", failed: "cross", limit: "clock" }[state] ?? "pause";
    const lost = state === "interrupted" ? "secondlook was ended while it worked." : "";
    const needs = needsTab ? "To go on it needs its tab: press Go on beside it." : "";
    const said = [answer || lost, needs].filter(Boolean);
    fill(
      this.#end,
      el(
        "section",
        { class: `card outcome ${look}` },
        el("h2", {}, icon(symbol, 18), words),
        said.map((paragraph) => el("p", {}, paragraph)),
        evidence.length > 0 && el("ul", { class: "evidence" }, evidence.map((line) => el("li", {}, line))),
      ),
    );
  }

  /** Drawn anew only where other buttons are due, for one of them may have the focus. */
  #drawSteer() {
    const { state, elsewhere, resumable, tab } = this.#run;
    const due = JSON.stringify([state, elsewhere, resumable, tab]);
    if (due === this.#steered) return;
    this.#steered = due;
    this.#keepFocus(this.#steer);
    fill(this.#steer, this.#buttons());
  }

  /** What has the focus goes away, or can be pressed no more: the state of the run gets it. */
  #keepFocus(...leaving) {
    if (leaving.some((part) => part.contains(document.activeElement))) this.#now.focus({ preventScroll: true });
  }

  #buttons() {
    const { state, elsewhere, resumable, tab, task } = this.#run;
    if (elsewhere) return [el("p", { class: "faint" }, "This run goes on in a terminal: steer it there.")];
    const does = (what, words, options) => button(words, { onclick: () => this.#do(what), ...options });
    const stop = does("stop", "Stop", { symbol: "stop", look: "plain" });
    const pause = does("pause", "Pause", { symbol: "pause", look: "plain", "aria-keyshortcuts": "Escape" });
    const over = does("take_over", "Take over", { symbol: "hand", look: "plain" });
    const see = button("", { symbol: "tab", look: "bare end", label: "Show the tab", onclick: () => showTab(tab) });
    const shown = tab === null ? [] : [see];
    switch (state) {
      case "running":
      case "needs_approval":
      case "needs_answer":
        return [pause, ...(tab === null ? [] : [over]), stop, ...shown];
      case "paused":
        return [does("resume", "Go on", { symbol: "play", look: "primary" }), stop, ...shown];
      case "taken_over":
        return [does("hand_back", "Hand back", { symbol: "play", look: "primary" }), stop, ...shown];
      case "queued":
        return [stop];
      case "pausing":
      case "stopping":
        return [el("p", { class: "faint" }, `${sentence(STATES[state].words)} …`)];
    }
    const again = button("Do it again", { symbol: "loop", look: "plain", onclick: () => this.#again(task) });
    const goOn = button("Go on", { symbol: "play", look: "primary", onclick: () => this.#goOn() });
    return [resumable && goOn, task && again].filter(Boolean);
  }

  /** Take the run up again: in its own tab if that is open, else in the one beside the panel. */
  async #goOn() {
    const { tab, needs_tab: needsTab } = this.#run;
    if (!needsTab) return this.#do("resume");
    if (await showTab(tab)) return this.#do("resume", { tab });
    const other = await userTab();
    if (other && workable(other.url)) return this.#do("resume", { tab: other.id });
    return this.#fail("Its tab is closed: open the page where it shall go on, then press Go on.");
  }

  /** What comes of it the stream tells: the answer may come after something newer. */
  async #do(what, body) {
    this.#fail("");
    this.#keepFocus(this.#asks, this.#steer);
    this.#disable(true);
    try {
      await call("POST", `/api/runs/${this.name}/${what}`, body);
    } catch (error) {
      this.#fail(error.message);
    }
    this.#disable(false);
  }

  #disable(disabled) {
    for (const each of this.#dock.querySelectorAll("button")) each.disabled = disabled;
  }

  #fail(sentence) {
    this.#problem.textContent = sentence;
    this.#problem.hidden = !sentence;
  }
}
