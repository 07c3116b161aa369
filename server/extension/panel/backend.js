// The panel's side of server/protocol.py: requests, and the stream of what happens.

import { isOurs, readSettings, socketUrl, writeSettings } from "../settings.js";

/** The backend's close code: the token is worth nothing. */
const UNPAIRED = 4401;
const STRANGE = "What answers there does not know this browser: pair it anew.";
const WAITS_MS = [500, 1000, 2000, 4000];

/** What the backend refused or could not do: its name for it, and one sentence. */
export class BackendError extends Error {
  constructor(name, message, status = 0) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** One request. Throws BackendError. */
export async function call(method, path, body) {
  const settings = await readSettings();
  const { address, token } = settings;
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    if (token && !(await isOurs(settings))) throw new BackendError("NotPaired", STRANGE, 401);
    response = await fetch(address + path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error instanceof BackendError) throw error;
    throw new BackendError("Away", "secondlook does not answer. Is it running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const { error = "Failed", message = "That did not work." } = answer;
  throw new BackendError(error, message, response.status);
}

/** Trade the code from the terminal for a token, and keep it. Throws BackendError. */
export async function pair(code) {
  const { token, pairing } = await call("POST", "/api/pair", { code, name: "Chrome" });
  await writeSettings({ token, pairing });
}

/** Forget the pairing, here and at the backend if it answers. */
export async function forget() {
  const { pairing } = await readSettings();
  if (pairing) await call("DELETE", `/api/pairings/${pairing}`).catch(() => {});
  await writeSettings({ token: "", pairing: "" });
}

/**
 * The stream: connects, connects anew, and tells. `changed(state)` hears "connecting", "up",
 * "away" or "unpaired"; `told(message)` every message.
 */
export class Stream {
  state = "connecting";
  #changed;
  #told;
  #socket = null;
  #timer = 0;
  #tries = 0;

  constructor({ changed, told }) {
    this.#changed = changed;
    this.#told = told;
  }

  /** Begin, or begin anew with the settings as they are now. */
  async open() {
    clearTimeout(this.#timer);
    this.#socket?.close();
    const settings = await readSettings();
    const { address, token } = settings;
    if (!token) return this.#be("unpaired");
    if (this.state === "unpaired") this.#be("connecting");
    try {
      if (!(await isOurs(settings))) return this.#lost();
    } catch {
      return this.#away();
    }
    const socket = (this.#socket = new WebSocket(socketUrl(address, "/api/stream")));
    socket.onopen = () => this.say({ kind: "hello", token });
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.kind === "welcome") {
        this.#tries = 0;
        this.#be("up");
      }
      this.#told(message);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (code === UNPAIRED) return this.#lost();
      this.#again();
    };
  }

  /** Send a message, if there is anybody to hear it. */
  say(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** A refused connection looks like a missing one: ask which it is. */
  async #again() {
    try {
      const { paired } = await call("GET", "/api/about");
      if (!paired) return this.#lost();
    } catch (error) {
      if (error.status === 401 || error.status === 403) return this.#lost();
    }
    this.#away();
  }

  #away() {
    this.#be("away");
    this.#timer = setTimeout(() => this.open(), WAITS_MS[Math.min(this.#tries++, 3)]);
  }

  async #lost() {
    await writeSettings({ token: "", pairing: "" });
    this.#be("unpaired");
  }

  #be(state) {
    if (this.state === state) return;
    this.state = state;
    this.#changed(state);
  }
}
