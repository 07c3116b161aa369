// Holds back the first request of tabs that lent pages open, before they can be attached to.
//
// A page can open a tab and have it send something in one go. Chrome's own request rules are
// there in time: they block what leaves for a site that is not open to the run, from any tab
// that is not known yet, if a page of a lent tab asked for it.

const KINDS = ["main_frame"];
const SLOT = 1000;

let slots = 0;
let turn = Promise.resolve();

/** Forget what an earlier life of this worker set up. */
export async function clearRules() {
  const rules = await chrome.declarativeNetRequest.getSessionRules();
  await apply({ removeRuleIds: rules.map((rule) => rule.id) });
}

/** The rules of one lending. */
export class FirstRequests {
  #slot = (slots += 1) * SLOT;
  #ids = [];
  #hosts = new Set();
  #known = new Set();
  #allowed = [];
  #refused = [];

  /** Begin; tabs that are open by now are not held back. */
  async start() {
    for (const tab of await chrome.tabs.query({})) this.#known.add(tab.id);
  }

  /** A page of this address is in one of the tabs. */
  from(url) {
    const host = /^https?:/.test(url) ? new URL(url).hostname : "";
    if (!host || this.#hosts.has(host)) return;
    this.#hosts.add(host);
    this.#update();
  }

  /** These addresses may be requested (RE2 expressions), but for the exceptions. */
  open(allowed, refused) {
    [this.#allowed, this.#refused] = [allowed, refused];
    return this.#update();
  }

  /** Whether this tab is held back no more. */
  knows(tab) {
    return this.#known.has(tab);
  }

  /** Hold this tab back no more. */
  know(tab) {
    this.#known.add(tab);
    return this.#update();
  }

  /** Resolves when everything said so far is in force. */
  settled() {
    return turn;
  }

  /** End. */
  stop() {
    this.#hosts.clear();
    return this.#update();
  }

  #update() {
    const removeRuleIds = this.#ids;
    const addRules = this.#hosts.size ? this.#rules() : [];
    this.#ids = addRules.map((rule) => rule.id);
    return apply({ removeRuleIds, addRules });
  }

  #rules() {
    const condition = {
      resourceTypes: KINDS,
      initiatorDomains: [...this.#hosts],
      excludedTabIds: [...this.#known],
    };
    const when = (regexFilter) => ({ ...condition, regexFilter, isUrlFilterCaseSensitive: false });
    return [
      { priority: 1, action: { type: "block" }, condition },
      ...this.#allowed.map((a) => ({ priority: 2, action: { type: "allow" }, condition: when(a) })),
      ...this.#refused.map((r) => ({ priority: 3, action: { type: "block" }, condition: when(r) })),
    ].map((rule, index) => ({ id: this.#slot + index, ...rule }));
  }
}

/** Changes take turns; one that Chrome cannot take is made without its allowances. */
function apply(change) {
  turn = turn.then(async () => {
    try {
      await chrome.declarativeNetRequest.updateSessionRules(change);
    } catch {
      const addRules = (change.addRules ?? []).filter((rule) => rule.priority === 1);
      await chrome.declarativeNetRequest.updateSessionRules({ ...change, addRules });
    }
  });
  return turn;
}
