// What happens, from top to bottom: thoughts folded, second looks shown, actions with verdicts.

import { el, fill, icon, say } from "./dom.js";
import { causeWords, count, duration, place, sentence, strategyWords, whyWords } from "./words.js";

const TAGGED = /<reflection>([\s\S]*?)(?:<\/reflection>|$)/g;

/** The stream of one run. `apply` takes every event in its order. */
export class Timeline {
  element = el("div", { class: "timeline", role: "log", "aria-live": "off", "aria-label": "What happens" });
  #live = null;
  #action = null;
  #url = "";

  apply(event) {
    const shown = this[`_${event.kind}`]?.(event);
    if (shown) this.element.append(shown);
  }

  /** Nothing comes any more, or anew: what was streaming ends here. */
  settle() {
    this.#live?.remove();
    this.#live = null;
    this.#action?.classList.remove("busy");
  }

  _started({ resumed }) {
    return resumed ? note("loop", "Taken up again") : null;
  }

  _piece({ piece, text, question }) {
    if (piece === "output") return null;
    const before = this.#live;
    if (!before) this.#live = liveThought(question);
    this.#live.add(piece, text);
    return before ? null : this.#live;
  }

  _planned({ thinking, replanned }) {
    this.settle();
    if (replanned) this.element.append(note("loop", "A new plan"));
    return thought(thinking, "Planning");
  }

  _decided({ thinking }) {
    this.settle();
    return thought(thinking, "Thinking");
  }

  _observed({ url }) {
    const shown = place(url);
    if (!url || shown === this.#url || url === "about:blank") return null;
    this.#url = shown;
    return note("globe", shown);
  }

  _action({ said }) {
    this.settle();
    say(sentence(said));
    return (this.#action = actionRow(said));
  }

  _verdict({ said, verdict, text }) {
    const row = this.#action ?? actionRow(said);
    this.#action = null;
    const failed = verdict.cause !== null;
    row.className = `action ${failed ? "failed" : "ok"}`;
    const sign = row.querySelector(".sign");
    fill(sign, icon(failed ? "cross" : "check", 12));
    sign.append(el("span", { class: "unseen" }, failed ? "Failed" : "Worked"));
    const why = failed ? whyWords(verdict) : "";
    if (why) row.querySelector(".what").append(el("span", { class: "why" }, why));
    if (!failed && text) row.querySelector(".what").append(read(text));
    if (failed) say(`Failed. ${why}`);
    return row.isConnected ? null : row;
  }

  _reflected({ cause, diagnosis, strategy, advice }) {
    this.settle();
    say(`Second look. ${diagnosis} ${advice}`);
    return secondLook(
      el("p", {}, diagnosis),
      advice && el("p", { class: "advice" }, icon("arrow", 14), el("span", {}, advice)),
      el("p", { class: "tags" }, tag(causeWords(cause)), tag(strategyWords(strategy))),
    );
  }

  _mended({ why, instead }) {
    return secondLook(
      el("p", {}, why),
      el("p", { class: "advice" }, icon("arrow", 14), el("span", {}, instead.join(", "))),
    );
  }

  _approval_given({ decision, reason }) {
    const words = decision === "yes" ? "You allowed it" : "You said no";
    return note(decision === "yes" ? "check" : "cross", reason ? `${words}: ${reason}` : words, "you");
  }

  _answered({ question, answer }) {
    return el(
      "div",
      { class: "asked" },
      el("p", { class: "faint" }, question),
      el("p", { class: "bubble" }, answer),
    );
  }

  _step_undone({ do: what, reason }) {
    return note("loop", `To be done again: ${what}${reason ? ` (${reason})` : ""}`);
  }

  _held({ why, seconds }) {
    const words = why === "paused" ? "Paused" : "You had the tab";
    return note(why === "paused" ? "pause" : "hand", `${words} for ${duration(seconds)}`, "you");
  }

  _waiting({ reason, seconds }) {
    return note("clock", seconds ? `${reason} (${duration(seconds)})` : reason);
  }

  _finished({ usage }) {
    this.settle();
    const { steps = 0, seconds = 0, model_calls: asked = 0 } = usage;
    const words = [count(steps, "action"), duration(seconds), `the model asked ${count(asked, "time")}`];
    return note("clock", words.join(" · "));
  }
}

function actionRow(said) {
  return el(
    "div",
    { class: "action busy" },
    el("span", { class: "sign" }),
    el("div", { class: "what" }, el("span", { class: "said" }, sentence(said))),
  );
}

function note(symbol, words, look = "") {
  return el("p", { class: `note ${look}` }, icon(symbol, 14), el("span", {}, words));
}

function tag(words) {
  return el("span", { class: "tag" }, words);
}

function read(text) {
  const words = text.length > 160 ? `${text.slice(0, 160)} …` : text;
  return el("span", { class: "read" }, words);
}

function secondLook(...content) {
  return el(
    "section",
    { class: "second" },
    el("h3", {}, icon("eye", 16), "Second look"),
    ...content,
  );
}

/** A thought, folded; what is a reflection in it is shown. */
function thought(text, title) {
  const reflections = [...text.matchAll(TAGGED)].map(([, inner]) => inner.trim()).filter(Boolean);
  const plain = text.replace(TAGGED, "").trim();
  if (!plain && !reflections.length) return null;
  return el(
    "div",
    { class: "thought" },
    plain && el("details", {}, el("summary", {}, title), el("p", {}, plain)),
    reflections.map((words) => secondLook(el("p", {}, words))),
  );
}

/** A thought while it comes: its end in one line, all of it when unfolded. */
function liveThought(question) {
  const text = el("p");
  const title = { plan: "Planning", replan: "Planning anew", reflect: "Taking a second look" };
  const summary = el("summary", {}, el("span", { class: "shimmer" }, title[question] ?? "Thinking"));
  const details = el("details", {}, summary, text);
  const look = el("p");
  const second = secondLook(look);
  second.hidden = true;
  const live = el("div", { class: "thought live" }, details, second);
  live.add = (piece, words) => {
    const into = piece === "reflection" ? look : text;
    into.append(words);
    if (piece === "reflection") second.hidden = false;
  };
  return live;
}
