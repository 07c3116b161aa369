// The panel's view of tabs as this page has it: it stands beside none, so runs that begin here
// have a browser of their own.

/** Whether something can be done on a page of this address. */
export function workable() {
  return false;
}

/** The tab beside the page: none. */
export async function userTab() {
  return null;
}

/** The place of a run that begins here: no tab. */
export async function newTab() {
  return { id: undefined, url: "", title: "" };
}

/** Show a tab to the user: only the extension can. */
export async function showTab() {
  return false;
}
