// The form: what is asked of which model, and how; sending it and stopping.

import { Answer } from "./answer.js";

const byId = (id) => document.getElementById(id);
const form = byId("ask");
const SILENT = "The playground's server does not answer: is its command still running?";

let about = { system: "", models: [], examples: [] };
let answer = null;
let running = null; // the AbortController of the question in hand

// -- what the endpoint has ---------------------------------------------------------------------

/** Within the backend: the token of its dashboard, which is paired. Elsewhere nothing. */
function authorization() {
  const { token } = JSON.parse(localStorage.getItem("secondlook") ?? "{}");
  return token ? { Authorization: `Bearer ${token}` } : {};
}

async function look() {
  tell("");
  try {
    const response = await fetch("about", { headers: authorization() });
    if (!response.ok) throw new Error(await response.text());
    about = await response.json();
  } catch (error) {
    about.failed = error instanceof TypeError ? SILENT : error.message;
  }
  byId("url").textContent = about.url ?? "";
  byId("url").title = about.url ?? "";
  byId("dot").className = `dot ${about.failed ? "down" : "up"}`;
  const named = about.models.map(({ name }) => new Option(name));
  byId("model").replaceChildren(...(named.length ? named : [new Option("No model")]));
  byId("model").disabled = byId("send").disabled = !named.length;
  byId("examples").replaceChildren(...about.examples.map(button));
  if (about.failed) tell(about.failed, true);
  if (!byId("system").value) byId("system").value = about.system;
  recommend();
  note();
}

function button(example) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = example.label;
  made.onclick = () => {
    byId("user").value = example.user;
    byId("system").value = example.system;
    byId("think").checked = example.think;
    note();
    byId("user").focus();
    byId("user").setSelectionRange(0, 0);
    byId("user").scrollTop = 0;
  };
  return made;
}

function tell(sentence, again = false) {
  byId("problem").hidden = !sentence;
  byId("problem-text").textContent = sentence;
  byId("again").hidden = !again;
}

// -- the settings ------------------------------------------------------------------------------

const chosen = () => about.models[byId("model").selectedIndex];

function recommend() {
  const model = chosen();
  if (model) for (const name of ["temperature", "top_p"]) byId(name).value = model[name];
  byId("hint").textContent = model?.hint ?? "";
  byId("hint").hidden = !model?.hint;
  note();
}

function note() {
  const model = chosen();
  const same = (name) => !model || Number(byId(name).value) === model[name];
  for (const name of ["temperature", "top_p"]) {
    const { value, min, max } = byId(name);
    byId(name).style.setProperty("--at", `${((value - min) / (max - min)) * 100}%`);
    byId(`${name}-value`).textContent = Number(value).toFixed(2);
  }
  byId("recommend").disabled = same("temperature") && same("top_p");
  const trained = byId("system").value === about.system;
  byId("system-note").textContent = trained ? "as the model was trained" : "changed";
  byId("system-reset").disabled = trained;
}

function question() {
  const number = (id) => Number(byId(id).value);
  return {
    model: chosen().name,
    system: byId("system").value,
    user: byId("user").value,
    think: byId("think").checked,
    temperature: number("temperature"),
    top_p: number("top_p"),
    max_tokens: number("max_tokens"),
    seed: byId("seed").value === "" ? null : number("seed"),
  };
}

// -- asking ------------------------------------------------------------------------------------

async function send() {
  if (running || byId("send").disabled || !form.reportValidity()) return;
  const asked = question();
  running = new AbortController();
  answer = new Answer();
  tell("");
  working(true);
  if (innerWidth < 896) byId("answer").scrollIntoView();
  try {
    await stream(asked, answer, running.signal);
  } catch (error) {
    if (!running.signal.aborted) tell(error instanceof TypeError ? SILENT : error.message);
    answer.end(running.signal.aborted ? "Stopped" : "No answer");
  }
  running = null;
  working(false);
}

async function stream(asked, into, signal) {
  const headers = { "Content-Type": "application/json", ...authorization() };
  const response = await fetch("ask", { method: "POST", headers, body: JSON.stringify(asked), signal });
  if (response.status === 413) throw new Error("The question is too long to be sent: shorten it.");
  if (!response.ok && response.status !== 422) throw new Error(await response.text());
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (held + (value ?? "")).split("\n");
    held = done ? "" : lines.pop();
    for (const line of lines.filter(Boolean)) {
      const event = JSON.parse(line);
      if (event.event === "failed") throw new Error(event.sentence);
      into.take(event);
      if (event.event === "done") return;
    }
    if (done) throw new TypeError("ended early");
  }
}

function working(yes) {
  const focused = document.activeElement === byId(yes ? "send" : "stop");
  byId("send").hidden = yes;
  byId("stop").hidden = !yes;
  if (focused) byId(yes ? "stop" : "send").focus();
}

// -- events ------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
form.addEventListener("input", note);
byId("model").addEventListener("change", recommend);
byId("recommend").addEventListener("click", recommend);
byId("system-reset").addEventListener("click", () => {
  byId("system").value = about.system;
  note();
});
byId("stop").addEventListener("click", () => running?.abort());
byId("again").addEventListener("click", look);
byId("copy").addEventListener("click", async ({ currentTarget }) => {
  await navigator.clipboard.writeText(answer.output);
  currentTarget.textContent = "Copied";
  setTimeout(() => (currentTarget.textContent = "Copy"), 1500);
});
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
  if (event.key === "Escape") running?.abort();
});

look();
