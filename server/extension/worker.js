// The service worker: keeps the line to the backend and lends it the tabs that it asks for.
//
// Chrome ends it when nothing happens and starts it again on any of the events below; what must
// outlive that (which tabs belong together) is in the session's storage.

import { clearRules } from "./driving/first_requests.js";
import { Lending } from "./driving/lending.js";
import { Link } from "./driving/link.js";
import { onSettings } from "./settings.js";

const AWAKE = "awake";
const lendings = new Map();
const panels = new Set();
let interrupted = {};

const link = new Link({
  wanted: () => panels.size > 0 || lendings.size > 0 || Object.keys(interrupted).length > 0,
  greet: () => ready.then(() => ({ interrupted: Object.keys(interrupted).map(Number) })),
  answer,
  lost: () => {
    for (const lending of lendings.values()) interrupt(lending);
    remember();
  },
});

const ready = wake();

/** What an earlier life left: rules and attached debuggers go, what was lent is remembered. */
async function wake() {
  const { lent = {} } = await chrome.storage.session.get("lent");
  interrupted = lent;
  const tabs = Object.values(lent).flat();
  await clearRules();
  await Promise.all(tabs.map((tabId) => chrome.debugger.detach({ tabId }).catch(() => {})));
  await link.check();
}

async function answer({ do: what, root, ...asked }) {
  if (what === "ping") return {};
  await ready;
  if (what === "lend") return lend(root);
  const lending = lendings.get(root);
  if (what === "release") return lending && release(lending);
  if (!lending) throw new Error("The tab is not lent");
  switch (what) {
    case "command":
      return lending.command(asked.tab, asked.session, asked.method, asked.params);
    case "open":
      return lending.open();
    case "close":
      return lending.close(asked.tab);
    case "sites":
      return lending.openSites(asked.allowed, asked.refused);
    case "mark":
      return lending.mark(asked.acting);
  }
  throw new Error(`This version of the extension cannot ${what}: update it.`);
}

async function lend(root) {
  if ([...lendings.values()].some((lending) => lending.tabs.has(root))) {
    throw new Error("Another run works in this tab: wait for it, or stop it.");
  }
  const lending = new Lending(root, (message) => link.tell(message));
  lendings.set(root, lending);
  try {
    await lending.start([...new Set([root, ...(interrupted[root] ?? [])])]);
  } catch (error) {
    await release(lending);
    throw error;
  }
  delete interrupted[root];
  await remember();
  chrome.alarms.create(AWAKE, { periodInMinutes: 0.5 });
}

async function release(lending) {
  lendings.delete(lending.root);
  delete interrupted[lending.root];
  await lending.stop();
  await remember();
  link.check();
}

/** The line broke: the tabs are the user's until the run takes them up again. */
function interrupt(lending) {
  interrupted[lending.root] = [...lending.tabs];
  lendings.delete(lending.root);
  lending.stop();
}

async function remember() {
  const lent = { ...interrupted };
  for (const lending of lendings.values()) lent[lending.root] = [...lending.tabs];
  await chrome.storage.session.set({ lent });
  if (!Object.keys(lent).length) await chrome.alarms.clear(AWAKE);
}

function lendingOf(tab) {
  return [...lendings.values()].find((lending) => lending.tabs.has(tab));
}

chrome.debugger.onEvent.addListener((source, method, params) => {
  lendingOf(source.tabId)?.heard(source, method, params);
});

chrome.debugger.onDetach.addListener(async ({ tabId }, reason) => {
  const lending = lendingOf(tabId);
  if (!lending) return;
  if (reason === "canceled_by_user") {
    lending.gone(tabId, "cancelled");
  } else {
    // Some navigations end debugging although the tab lives on: it has to be lent anew.
    const open = await chrome.tabs.get(tabId).catch(() => null);
    lending.gone(tabId, open ? "lost" : "closed");
  }
  await remember();
});

chrome.tabs.onRemoved.addListener(async (tab) => {
  await ready;
  lendingOf(tab)?.gone(tab, "closed");
  for (const [root, tabs] of Object.entries(interrupted)) {
    interrupted[root] = tabs.filter((other) => other !== tab);
    if (!interrupted[root].length) delete interrupted[root];
  }
  await remember();
});

const { webNavigation } = chrome;

webNavigation.onCreatedNavigationTarget.addListener(({ sourceTabId, tabId }) => {
  // A tab that closes at once cannot be attached to, and need not be.
  lendingOf(sourceTabId)?.add(tabId, true).then(remember, () => {});
});

webNavigation.onBeforeNavigate.addListener(({ tabId, frameId, url }) => {
  if (frameId === 0) lendingOf(tabId)?.begins(tabId, url);
});

webNavigation.onCommitted.addListener(({ tabId, frameId }) => {
  if (frameId !== 0) return;
  const lending = lendingOf(tabId);
  if (lending) lending.arrived(tabId);
  else for (const other of lendings.values()) other.ignore(tabId);
});

webNavigation.onErrorOccurred.addListener(({ tabId, frameId, url, error }) => {
  if (frameId !== 0) return;
  const lending = lendingOf(tabId);
  if (!lending) for (const other of lendings.values()) other.ignore(tabId);
  else if (error === "net::ERR_BLOCKED_BY_CLIENT") lending.blocked(tabId, url);
  else lending.arrived(tabId);
});

chrome.runtime.onConnect.addListener((port) => {
  panels.add(port);
  port.onDisconnect.addListener(() => {
    panels.delete(port);
    link.check();
  });
  ready.then(() => link.check());
});

chrome.alarms.onAlarm.addListener(() => link.check());
onSettings(() => link.reset());
chrome.sidePanel.setPanelBehavior({ openPanelOnActionClick: true });
