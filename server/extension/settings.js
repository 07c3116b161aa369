// Where the backend is and the token it gave us: in this browser's storage, for us alone.

export const DEFAULT_ADDRESS = "http://127.0.0.1:8770";

/** The settings as they are now. */
export async function readSettings() {
  const { address, token, pairing } = await chrome.storage.local.get(["address", "token", "pairing"]);
  return { address: address || DEFAULT_ADDRESS, token: token || "", pairing: pairing || "" };
}

/**
 * Whether what answers at the address knows our pairing: only then it may see the token. Another
 * program may have taken the port while the backend was away. Throws if nothing answers.
 */
export async function isOurs({ address, token, pairing }) {
  const challenge = hex(crypto.getRandomValues(new Uint8Array(16)));
  const response = await fetch(`${address}/api/about?${new URLSearchParams({ pairing, challenge })}`);
  const { proof } = await response.json();
  const secret = bytes(hex(await crypto.subtle.digest("SHA-256", bytes(token))));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  return proof === hex(await crypto.subtle.sign("HMAC", key, bytes(challenge)));
}

function bytes(text) {
  return new TextEncoder().encode(text);
}

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Change some of them. */
export function writeSettings(changes) {
  return chrome.storage.local.set(changes);
}

/** Call when address or token change. */
export function onSettings(changed) {
  chrome.storage.local.onChanged.addListener((changes) => {
    if ("token" in changes || "address" in changes) changed();
  });
}

/** The address of a WebSocket of the backend. */
export function socketUrl(address, path) {
  return address.replace(/^http/, "ws").replace(/\/$/, "") + path;
}

/** A backend's address as the user means it; "" if it is none on this machine. */
export function asAddress(typed) {
  const text = typed.trim();
  try {
    const url = new URL(/^https?:\/\//.test(text) ? text : `http://${text}`);
    const local = ["127.0.0.1", "localhost"].includes(url.hostname);
    return local && url.protocol === "http:" ? url.origin : "";
  } catch {
    return "";
  }
}
