// Tells the user's clicks and keys from those that we dispatch: Chrome trusts both alike.

/** An event may reach the page a moment after its command was answered, or not at all. */
const LATE_MS = 300;

/** The events that our own commands are about to cause in the pages of one lending. */
export class OwnInput {
  #expected = [];

  /** Run a command of the Input domain, expecting the one event that it causes. */
  async during(method, params, run) {
    const kind = caused(method, params);
    if (!kind) return run();
    const event = { kind };
    this.#expected.push(event);
    try {
      return await run();
    } finally {
      setTimeout(() => this.#take(this.#expected.indexOf(event)), LATE_MS);
    }
  }

  /** Whether an event that a page told of is one of ours; each is expected once. */
  isOurs(kind) {
    return this.#take(this.#expected.findIndex((event) => event.kind === kind));
  }

  #take(index) {
    if (index < 0) return false;
    this.#expected.splice(index, 1);
    return true;
  }
}

function caused(method, { type }) {
  if (method === "Input.dispatchMouseEvent") return type === "mousePressed" ? "pointer" : "";
  if (method === "Input.dispatchTouchEvent") return type === "touchStart" ? "pointer" : "";
  if (method !== "Input.dispatchKeyEvent") return "";
  return type === "keyDown" || type === "rawKeyDown" ? "key" : "";
}
