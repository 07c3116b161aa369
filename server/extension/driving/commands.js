// Which of Chrome's debugging commands may be passed on to a lent tab.

/** What Playwright needs to see and work a page. */
const DOMAINS = new Set([
  "Accessibility", "CSS", "DOM", "DOMSnapshot", "Emulation", "Fetch", "IO", "Input", "Inspector",
  "Log", "Network", "Overlay", "Page", "Runtime",
]);

/** What reaches beyond the page: cookies of other sites, the cache, the user's disk. */
const NEVER = new Set([
  "Network.clearBrowserCache", "Network.clearBrowserCookies", "Network.deleteCookies",
  "Network.getAllCookies", "Network.getCookies", "Network.loadNetworkResource",
  "Network.setCookie", "Network.setCookies",
  "Page.addCompilationCache", "Page.printToPDF", "Page.setDownloadBehavior",
]);

const TARGET = new Set([
  "Target.detachFromTarget", "Target.getTargetInfo", "Target.setAutoAttach",
]);

/** Whether a command stays within the tab. The tab's own child sessions are checked by Chrome. */
export function stays(method, params) {
  if (method === "Target.getTargetInfo") return params.targetId === undefined;
  if (TARGET.has(method)) return true;
  if (method === "Page.navigate") return /^(https?:|about:blank$)/i.test(params.url);
  return DOMAINS.has(method.split(".")[0]) && !NEVER.has(method);
}
