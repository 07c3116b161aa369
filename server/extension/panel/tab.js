// The user's tab that a task is about: the one beside the panel.

/** Whether something can be done on a page of this address. */
export function workable(url) {
  return /^https?:/.test(url ?? "");
}

/**
 * The tab beside the panel: `{id, url, title}`. Where this page stands in a tab of its own, the
 * one that was looked at before it.
 */
export async function userTab() {
  const own = await chrome.tabs.getCurrent();
  const tabs = await chrome.tabs.query({ currentWindow: true });
  const others = tabs.filter((tab) => tab.id !== own?.id);
  const newest = others.sort((a, b) => (b.lastAccessed ?? 0) - (a.lastAccessed ?? 0))[0];
  const tab = own ? newest : others.find(({ active }) => active);
  return tab ? described(tab.id) : null;
}

/** A new tab, for a task that begins on no page. */
export async function newTab() {
  const { id } = await chrome.tabs.create({ url: "about:blank" });
  return { id, url: "", title: "" };
}

/** Show a tab to the user. */
export async function showTab(id) {
  try {
    const { windowId } = await chrome.tabs.update(id, { active: true });
    await chrome.windows.update(windowId, { focused: true });
  } catch {
    return false; // it is closed
  }
  return true;
}

/** Call when another tab is beside the panel, or another page in it. */
export function onUserTab(changed) {
  chrome.tabs.onActivated.addListener(changed);
  chrome.tabs.onUpdated.addListener(changed);
}

async function described(id) {
  const targets = await chrome.debugger.getTargets();
  const target = targets.find(({ tabId, type }) => tabId === id && type === "page");
  return { id, url: target?.url ?? "", title: target?.title ?? "" };
}
