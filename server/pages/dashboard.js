// The dashboard as a whole: the runs at the left, one of them in the middle, its pictures beside.

import { Stream } from "./panel/backend.js";
import { button, el, fill, icon } from "./panel/dom.js";
import { RunView } from "./panel/run_view.js";
import { WorkflowView } from "./panel/workflow_view.js";
import { PairView } from "./pair_view.js";
import { Pictures } from "./pictures.js";
import { RunList } from "./run_list.js";
import { onSettings } from "./settings.js";
import { SettingsView } from "./settings_view.js";
import { StartView } from "./start_view.js";
import { showStory } from "./story.js";

const main = document.getElementById("main");
const list = new RunList(document.getElementById("runs"));
let view = null;
let pictures = null;

const stream = new Stream({
  changed(state) {
    drawBanner(state);
    document.body.classList.toggle("unpaired", state === "unpaired");
    if (state === "unpaired") show(new PairView());
    else if (state === "up" && view instanceof PairView) route();
    if (state === "up" && view instanceof RunView) watch();
    drawNav();
  },
  told(message) {
    if (message.kind === "run") return heard(message.run);
    if (!(view instanceof RunView) || message.run !== view.name) return;
    if (message.kind === "event") {
      view.told(message);
      pictures.told(message.event);
    } else if (message.kind === "caught_up") view.caughtUp();
  },
});

/** A run is new or has changed. */
function heard(run) {
  list.heard(run);
  document.title = list.asking ? `(${list.asking}) secondlook` : "secondlook";
  if (view instanceof RunView && view.name === run.run) view.run(run);
}

function show(next) {
  if (view instanceof RunView) stream.say({ kind: "unwatch", run: view.name });
  pictures?.leave();
  pictures = next instanceof RunView ? new Pictures(next.name) : null;
  view = next;
  fill(main, view.element);
  fill(document.getElementById("pictures"), pictures && pictures.element);
  document.body.classList.toggle("pictured", pictures !== null);
  list.choose(view instanceof RunView ? view.name : "");
  main.scrollTop = 0;
  drawNav();
  if (view.focus) view.focus();
  else (main.querySelector("#asking-title") ?? main.querySelector("h1"))?.focus({ preventScroll: true });
}

function watch() {
  stream.say({ kind: "watch", run: view.name, after: view.last });
}

/** Show what the address says after its #. */
async function route() {
  if (stream.state === "unpaired") return;
  const place = decodeURIComponent(location.hash.slice(1));
  if (place === "workflows") return show(new WorkflowView(open));
  if (place === "settings") return show(new SettingsView());
  const run = place && (await list.find(place));
  if (!run) return show(new StartView({ started: open }));
  show(new RunView(run, (task) => begin(task)));
  watch();
}

function open(run) {
  list.heard(run);
  location.hash = run.run;
}

function begin(task) {
  history.pushState(null, "", "#");
  show(new StartView({ started: open, task }));
}

function drawNav() {
  const current = (Kind) => (view instanceof Kind ? "page" : undefined);
  const to = (words, symbol, Kind, hash) =>
    button(words, { symbol, "aria-current": current(Kind), onclick: () => (location.hash = hash) });
  const story = view instanceof RunView && [
    button("Story", { symbol: "copy", onclick: () => showStory(view.name) }),
    el("span", { class: "rule", "aria-hidden": "true" }),
  ];
  const places = [
    ...(story || []),
    to("New task", "plus", StartView, ""),
    to("Workflows", "list", WorkflowView, "workflows"),
    el("a", { class: "button", href: "/playground/" }, icon("eye"), el("span", {}, "Playground")),
    to("Settings", "gear", SettingsView, "settings"),
  ];
  fill(document.getElementById("nav"), stream.state === "unpaired" ? [] : places);
}

function drawBanner(state) {
  const words = "secondlook does not answer. Start it with `secondlook serve`; this page connects by itself.";
  const line = el("p", {}, icon("alert", 16), el("span", {}, words));
  fill(document.getElementById("banner"), state === "away" && line);
}

onSettings(() => stream.open());
addEventListener("hashchange", route);
stream.open();
if (stream.state !== "unpaired") route();
