// The panel as a whole: which view is shown, and what the stream tells it.

import { onSettings } from "../settings.js";
import { Stream } from "./backend.js";
import { command, ConnectView } from "./connect_view.js";
import { button, el, fill, icon } from "./dom.js";
import { HistoryView } from "./history_view.js";
import { RunView } from "./run_view.js";
import { SettingsView } from "./settings_view.js";
import { StartView } from "./start_view.js";
import { onUserTab, userTab } from "./tab.js";
import { WorkflowView } from "./workflow_view.js";

const LIVE = new Set(["queued", "running", "pausing", "paused", "taken_over", "stopping", "needs_approval", "needs_answer"]);
const main = document.getElementById("main");
const runs = new Map();
let view = null;
let chosen = false;

/** Keep the service worker, and its line to the backend, awake as long as the panel is open. */
function keepAwake() {
  chrome.runtime.connect({ name: "panel" }).onDisconnect.addListener(() => setTimeout(keepAwake, 500));
}

const stream = new Stream({
  changed(state) {
    drawBanner(state);
    drawNav();
    if (state === "unpaired") show(new ConnectView());
    else if (state === "up" && view instanceof ConnectView) begin();
    if (state === "up" && view instanceof RunView) watch(view);
  },
  told(message) {
    if (message.kind === "run") heard(message.run);
    else if (message.run !== view?.name || !(view instanceof RunView)) return;
    else if (message.kind === "event") view.told(message);
    else if (message.kind === "caught_up") view.caughtUp();
  },
});

/** A run is new or has changed. */
async function heard(run) {
  runs.set(run.run, run);
  if (view instanceof RunView && view.name === run.run) view.run(run);
  else if (view instanceof StartView) {
    view.runs(latest());
    const here = LIVE.has(run.state) && run.tab !== null && run.tab === (await userTab())?.id;
    if (here && !chosen && view instanceof StartView) open(run); // the user may have gone on meanwhile
  }
}

function latest() {
  return [...runs.values()].sort((a, b) => (a.started < b.started ? 1 : -1));
}

function show(next) {
  if (view instanceof RunView) stream.say({ kind: "unwatch", run: view.name });
  view = next;
  fill(main, view.element);
  main.scrollTop = 0;
  drawNav();
  if (view.focus) view.focus();
  else main.querySelector("h1")?.focus({ preventScroll: true });
}

function begin(task = "") {
  const next = new StartView({ started: open, open, task });
  show(next);
  next.runs(latest());
}

function open(run) {
  chosen = true;
  runs.set(run.run, run);
  const next = new RunView(run, begin);
  show(next);
  watch(next);
}

function watch(shown) {
  stream.say({ kind: "watch", run: shown.name, after: shown.last });
}

/** The user goes somewhere: from now on nothing opens by itself. */
function go(next) {
  chosen = true;
  next();
}

function drawNav() {
  const nav = document.getElementById("nav");
  const known = stream.state !== "unpaired";
  const to = (label, symbol, Kind, next) =>
    button("", {
      symbol, label, look: "bare", onclick: () => go(next),
      "aria-current": view instanceof Kind ? "page" : undefined,
    });
  const places = [
    to("New task", "plus", StartView, () => begin()),
    to("Workflows", "list", WorkflowView, () => show(new WorkflowView(open))),
    to("History", "clock", HistoryView, () => show(new HistoryView(open))),
    to("Settings", "gear", SettingsView, () => show(new SettingsView())),
  ];
  fill(nav, known ? places : []);
}

function drawBanner(state) {
  const banner = document.getElementById("banner");
  if (state !== "away") return fill(banner);
  fill(
    banner,
    el("p", {}, icon("alert", 16), el("span", {}, "secondlook does not answer. Start it on this machine; this panel connects by itself.")),
    command(),
  );
}

document.getElementById("home").onclick = (event) => {
  event.preventDefault();
  if (stream.state !== "unpaired") go(() => begin());
};
onSettings(() => stream.open());
onUserTab(() => view instanceof StartView && view.look());
keepAwake();
begin();
stream.open();
