// The panel's settings as this page has them: the backend is where the page comes from, and the
// token is in this origin's storage. A cookie, which no script can read, is its other half.

const KEY = "secondlook";

function stored() {
  return JSON.parse(localStorage.getItem(KEY) ?? "{}");
}

/** The settings as they are now. */
export async function readSettings() {
  const { token = "", pairing = "" } = stored();
  return { address: location.origin, token, pairing };
}

/** Whether the token may be shown there: this page came from nowhere else. */
export async function isOurs() {
  return true;
}

/** Change some of them. */
export async function writeSettings(changes) {
  localStorage.setItem(KEY, JSON.stringify({ ...stored(), ...changes }));
  dispatchEvent(new Event("settings"));
}

/** Call when they change, here or in another tab of this page. */
export function onSettings(changed) {
  addEventListener("settings", changed);
  addEventListener("storage", ({ key }) => key === KEY && changed());
}

/** The address of a WebSocket of the backend. */
export function socketUrl(address, path) {
  return address.replace(/^http/, "ws") + path;
}
