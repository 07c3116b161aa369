// What a run asks of the user: a yes to an action, exactly as it would happen, or an answer.

import { button, el, icon } from "./dom.js";
import { sentence } from "./words.js";

/** The card for what `run.waiting` holds; `answer(body)` sends the user's answer. */
export function asking(waiting, answer) {
  return waiting.kind === "approval" ? approval(waiting, answer) : question(waiting, answer);
}

function approval({ to, said, what, reason, site }, answer) {
  const why = el("input", {
    class: "input", type: "text", maxLength: 1000, placeholder: "Say why, if it helps",
    "aria-label": "Why not",
  });
  const decide = (decision) => () =>
    answer({ kind: "approval", to, decision, reason: decision === "no" ? why.value.trim() : "" });
  const [first, ...lines] = what.split("\n");
  return card(
    "shield",
    site ? "Open another site?" : "Shall I do this?",
    el("p", { class: "said" }, sentence(first || said)),
    lines.length > 0 && page(lines),
    el("p", { class: "faint" }, sentence(reason)),
    el(
      "div",
      { class: "choices" },
      button(site ? `Open ${site}` : "Yes, do it", { look: "primary", symbol: "check", onclick: decide("yes") }),
      button("No", { look: "plain", onclick: decide("no") }),
    ),
    el("details", { class: "why" }, el("summary", {}, "No, because …"), why),
  );
}

/** The lines of the page around the element, which is the one marked. */
function page(lines) {
  const shown = lines.map((line) => {
    const at = line.startsWith("> ");
    const [, role, rest] = line.replace(/^(> | {2})/, "").match(/^(\s*\S*)(.*)$/s);
    return el("span", { class: at ? "line at" : "line" }, el("span", { class: "role" }, role), rest, "\n");
  });
  return el("pre", { class: "page", tabIndex: 0, "aria-label": "The page around it" }, shown);
}

function question({ to, question: asked }, answer) {
  const field = el("textarea", {
    class: "input", rows: 2, maxLength: 4000, required: true, "aria-labelledby": "asked",
  });
  const send = () => field.value.trim() && answer({ kind: "question", to, answer: field.value.trim() });
  field.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  return card(
    "alert",
    "A question for you",
    el("p", { class: "said", id: "asked" }, asked),
    field,
    el("div", { class: "choices" }, button("Answer", { look: "primary", symbol: "arrow", onclick: send })),
  );
}

function card(symbol, title, ...content) {
  const name = el("h2", { id: "asking-title", tabIndex: -1 }, icon(symbol, 18), title);
  return el("section", { class: "card asking", "aria-labelledby": "asking-title" }, name, ...content);
}
