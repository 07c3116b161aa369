// One tab that is lent to a run, with the tabs that come from it.

import { stays } from "./commands.js";
import { FirstRequests } from "./first_requests.js";
import { OwnInput } from "./own_input.js";
import { BINDING, SOURCE, WORLD } from "./page_watch.js";

const CDP_VERSION = "1.3";
const MARK = { r: 106, g: 95, b: 240, a: 1 };
const CLEAR = { r: 0, g: 0, b: 0, a: 0 };

/** Keeps a tab drawn that the user does not look at: pictures of it would take seconds. */
const STILL = { format: "jpeg", quality: 1, maxWidth: 8, maxHeight: 8, everyNthFrame: 10000 };

/** Chrome's words for a page with a frame of another extension in it, a password manager's say. */
const FOREIGN = /of different extension/;

/** Attaches to the tabs of one lending, follows what they open, and passes CDP to and fro. */
export class Lending {
  acting = true;
  tabs = new Set();
  #tell;
  #input = new OwnInput();
  #first = new FirstRequests();
  #sizes = new Map();
  #pictured = new Set();
  #attaching = new Map();
  #begun = new Map();
  #blocked = new Map();
  #downloads = new Map();

  /** `root` is the tab that was lent first; `tell` takes what the backend is to hear. */
  constructor(root, tell) {
    this.root = root;
    this.#tell = (message) => tell({ root, ...message });
  }

  /** Attach to these tabs. Throws an error whose message is one sentence for the user. */
  async start(tabs) {
    await this.#first.start();
    const open = (await Promise.all(tabs.map(isOpen))).map((there, i) => there && tabs[i]);
    const there = open.filter(Boolean);
    if (!there.length) throw new Error("That tab is closed: choose another.");
    for (const tab of there) await this.add(tab);
  }

  /** Let go of everything. */
  async stop() {
    const tabs = [...this.tabs];
    this.tabs.clear();
    await Promise.all([this.#first.stop(), ...tabs.map(release)]);
  }

  /** Attach to a tab and tell of it; `loading`: it was just opened by one of the others. */
  add(tab, loading = false) {
    this.tabs.add(tab);
    const attaching = this.#attach(tab, loading).catch((error) => {
      this.tabs.delete(tab);
      throw error;
    });
    this.#attaching.set(tab, attaching.catch(() => {}));
    return attaching;
  }

  /** Open an empty tab; its number. */
  async open() {
    const { active, windowId } = await chrome.tabs.get(this.root);
    const made = { url: "about:blank", active, windowId, openerTabId: this.root };
    const tab = await chrome.tabs.create(made);
    await this.add(tab.id);
    return { tab: tab.id };
  }

  /** Close a tab, but not the user's own. */
  async close(tab) {
    if (tab === this.root) throw new Error("The user's own tab is not closed");
    if (this.tabs.has(tab)) await chrome.tabs.remove(tab);
  }

  /** Pass a command on. */
  async command(tab, session, method, params) {
    if (!this.tabs.has(tab)) throw failure(-32001, "The tab is not lent");
    if (!stays(method, params)) throw failure(-32601, `'${method}' is not passed on`);
    if (method === "Page.captureScreenshot") return this.#picture(tab, session, params);
    if (!method.startsWith("Input.")) {
      const result = await this.#send(tab, session, method, params);
      if (method === "Fetch.enable" && !session) this.ignore(tab);
      return result;
    }
    await this.#first.settled();
    return this.#input.during(method, params, () => this.#send(tab, session, method, params));
  }

  /** Open these sites to tabs that are not attached to yet. */
  openSites(allowed, refused) {
    return this.#first.open(allowed, refused);
  }

  /** Show or hide the mark, and tell of the user's input or not. */
  async mark(acting) {
    this.acting = acting;
    await Promise.all([...this.tabs].map((tab) => this.#show(tab)));
  }

  /** A debugging event of one of the tabs. */
  heard({ tabId: tab, sessionId: session = "" }, method, params = {}) {
    if (method === "Runtime.bindingCalled" && params.name === BINDING) {
      this.#watched(tab, JSON.parse(params.payload));
      return;
    }
    if (method === "Page.frameNavigated") this.#first.from(params.frame.url);
    if (method === "Target.attachedToTarget" && params.targetInfo.type === "iframe") {
      this.#watch(tab, params.sessionId);
    }
    if (method === "Page.downloadProgress" && params.state === "completed") {
      this.#saved(tab, session, params);
      return;
    }
    if (method === "Page.downloadWillBegin") this.#downloads.set(params.guid, params.url);
    this.#tell({ kind: "event", tab, session, method, params });
  }

  /** A tab begins to load this address. */
  begins(tab, url) {
    this.#begun.set(tab, url);
  }

  /** A tab shows a page. */
  async arrived(tab) {
    await this.#attaching.get(tab);
    if (this.tabs.has(tab)) this.#tell({ kind: "arrived", tab });
  }

  /** A tab's first request was blocked: the backend judges it now. */
  async blocked(tab, url) {
    // Told once: what is blocked again after a yes was blocked by somebody else.
    if (tab === this.root || this.#blocked.get(tab) === url) return;
    this.#blocked.set(tab, url);
    const redirected = this.#begun.get(tab) !== url;
    await this.#attaching.get(tab);
    await this.#first.know(tab);
    if (this.tabs.has(tab)) this.#tell({ kind: "blocked", tab, url, redirected });
  }

  /** Hold this tab's requests back no more: it is attached to, or none of ours. */
  ignore(tab) {
    if (!this.#first.knows(tab)) this.#first.know(tab);
  }

  /** A tab is attached to no more. */
  gone(tab, why) {
    if (!this.tabs.delete(tab)) return;
    const maps = [this.#sizes, this.#attaching, this.#begun, this.#blocked];
    for (const map of maps) map.delete(tab);
    this.#tell({ kind: "gone", tab, why });
  }

  /** The mark is no part of the page: pictures are taken without it. */
  async #picture(tab, session, params) {
    this.#pictured.add(tab);
    await this.#show(tab);
    try {
      return await this.#send(tab, session, "Page.captureScreenshot", params);
    } finally {
      this.#pictured.delete(tab);
      await this.#show(tab);
    }
  }

  /** Send a command. A tab that Chrome has closed to us meanwhile is lost. */
  async #send(tab, session, method, params) {
    try {
      return await send(tab, session, method, params);
    } catch (error) {
      if (FOREIGN.test(error.message)) {
        this.gone(tab, "lost");
        release(tab);
      }
      throw error;
    }
  }

  async #attach(tab, loading) {
    await chrome.debugger.detach({ tabId: tab }).catch(() => {}); // left by an earlier life
    try {
      await chrome.debugger.attach({ tabId: tab }, CDP_VERSION);
    } catch (error) {
      throw new Error(whyNot(error.message));
    }
    await this.#watch(tab, "");
    const { targetInfo } = await send(tab, "", "Target.getTargetInfo", {});
    const { frameTree } = await send(tab, "", "Page.getFrameTree", {});
    for (const url of urls(frameTree)) this.#first.from(url);
    const { cssLayoutViewport } = await send(tab, "", "Page.getLayoutMetrics", {});
    const { clientWidth: width, clientHeight: height } = cssLayoutViewport;
    this.#watched(tab, { width, height });
    this.#tell({ kind: "followed", tab, info: targetInfo, loading });
  }

  /** See page_watch.js. A frame that goes away meanwhile needs no watching. */
  async #watch(tab, session) {
    const own = [["DOM.enable", {}], ["Overlay.enable", {}]];
    const script = { source: SOURCE, worldName: WORLD, runImmediately: true };
    const commands = [
      ["Page.enable", {}],
      // In this order: as long as Runtime is not enabled, only worlds that exist get a binding.
      ["Page.addScriptToEvaluateOnNewDocument", script],
      ["Runtime.addBinding", { name: BINDING, executionContextName: WORLD }],
      ...(session ? [] : own),
    ];
    const sent = commands.map(([method, params]) => send(tab, session, method, params));
    // Not waited for: a tab whose first request is held back has nothing to draw yet.
    if (!session) send(tab, "", "Page.startScreencast", STILL).catch(() => {});
    await Promise.all(sent).catch((error) => {
      if (!session) throw error;
    });
  }

  #watched(tab, { touched, width, height }) {
    if (touched) {
      if (!this.#input.isOurs(touched) && this.acting) {
        this.#tell({ kind: "touched", tab, how: touched });
      }
      return;
    }
    this.#sizes.set(tab, { width, height });
    this.#show(tab);
  }

  /** The mark: drawn by Chrome over the page, so that no page can see or remove it. */
  async #show(tab) {
    const size = this.#sizes.get(tab);
    const shown = this.acting && size && !this.#pictured.has(tab);
    const rect = { x: 0, y: 0, ...size, color: CLEAR, outlineColor: MARK };
    const command = shown ? ["Overlay.highlightRect", rect] : ["Overlay.hideHighlight", {}];
    await send(tab, "", ...command).catch(() => {}); // the tab may be closing
    badge(tab, this.acting);
  }

  /** Add where Chrome saved a finished download. */
  async #saved(tab, session, params) {
    const url = this.#downloads.get(params.guid);
    const query = { url, orderBy: ["-startTime"], limit: 1 };
    const [file] = url ? await chrome.downloads.search(query) : [];
    const told = { ...params, filePath: file?.filename ?? "" };
    this.#tell({ kind: "event", tab, session, method: "Page.downloadProgress", params: told });
  }
}

async function send(tab, session, method, params) {
  const target = session ? { tabId: tab, sessionId: session } : { tabId: tab };
  try {
    return (await chrome.debugger.sendCommand(target, method, params)) ?? {};
  } catch (error) {
    throw fromChrome(error.message);
  }
}

/** Chrome tells a failed command as JSON in a message. */
function fromChrome(message) {
  try {
    const { code, message: words } = JSON.parse(message);
    return failure(code, words);
  } catch {
    return failure(-32000, message);
  }
}

function failure(code, message) {
  return Object.assign(new Error(message), { code });
}

function whyNot(message) {
  if (/already attached/.test(message)) {
    return "Another tool debugs this tab (DevTools of an extension, perhaps): close it first.";
  }
  if (FOREIGN.test(message)) {
    return "Another extension shows a part of this page, and Chrome then lets no other work in it: switch that extension off for this site, then press Go on.";
  }
  if (/chrome(-extension)?:|edge:|Cannot (access|attach)/i.test(message)) {
    return "Chrome lets no extension work in this tab: open a web page in it first.";
  }
  return `Chrome does not let this tab be worked in: ${message}`;
}

async function release(tab) {
  badge(tab, false);
  await chrome.debugger.detach({ tabId: tab }).catch(() => {}); // it may be closed
}

function badge(tab, acting) {
  const ignore = () => {}; // the tab may be closed
  chrome.action.setBadgeText({ tabId: tab, text: acting ? "●" : "" }).catch(ignore);
  chrome.action.setBadgeBackgroundColor({ tabId: tab, color: "#4f43cc" }).catch(ignore);
}

async function isOpen(tab) {
  return chrome.tabs.get(tab).then(() => true, () => false);
}

function urls({ frame, childFrames = [] }) {
  return [frame.url, ...childFrames.flatMap(urls)];
}
