// The line to the backend over which tabs are lent: kept while it is wanted.

import { isOurs, readSettings, socketUrl } from "../settings.js";

const WAITS_MS = [300, 1000, 2000, 5000];

/** The backend's close code: the token is worth nothing, and trying again with it neither. */
const UNPAIRED = 4401;

/** Connects, says who we are, answers questions; connects anew when the line breaks. */
export class Link {
  #socket = null;
  #tries = 0;
  #refused = false;
  #asking = false;
  #timer = 0;
  #wanted = () => false;
  #greet;
  #answer;
  #lost;

  /**
   * `wanted` says whether there should be a line; `greet` makes the greeting, `answer` a
   * question's result; `lost` is called when a line that stood has broken.
   */
  constructor({ wanted, greet, answer, lost }) {
    this.#wanted = wanted;
    this.#greet = greet;
    this.#answer = answer;
    this.#lost = lost;
  }

  /** Connect if a line is wanted and there is none; end one that is not wanted. */
  async check() {
    clearTimeout(this.#timer);
    const settings = await readSettings();
    const wanted = this.#wanted() && settings.token && !this.#refused;
    if (!wanted) return this.#socket?.close();
    if (this.#socket || this.#asking) return;
    this.#asking = true;
    try {
      if (await isOurs(settings)) this.#connect(settings);
      else this.#refused = true;
    } catch {
      this.#later();
    } finally {
      this.#asking = false;
    }
  }

  /** Begin anew, with the settings as they are now. */
  async reset() {
    this.#tries = 0;
    this.#refused = false;
    this.#socket?.close();
    await this.check();
  }

  /** Tell the backend something; what nobody hears is dropped with the line. */
  tell(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #connect({ address, token }) {
    const socket = (this.#socket = new WebSocket(socketUrl(address, "/api/tabs")));
    socket.onopen = async () => {
      socket.send(JSON.stringify({ kind: "hello", token }));
      this.tell({ kind: "greeting", user_agent: navigator.userAgent, ...(await this.#greet()) });
    };
    socket.onmessage = ({ data }) => {
      this.#tries = 0;
      this.#asked(socket, JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#refused ||= code === UNPAIRED;
      this.#lost();
      this.#later();
    };
  }

  #later() {
    const wait = WAITS_MS[Math.min(this.#tries++, WAITS_MS.length - 1)];
    this.#timer = setTimeout(() => this.check(), wait);
  }

  async #asked(socket, question) {
    const answer = { kind: "answer", id: question.id };
    try {
      answer.result = (await this.#answer(question)) ?? {};
    } catch (error) {
      answer.error = error.message || "failed";
      answer.code = error.code ?? -32000;
    }
    if (this.#socket === socket) this.tell(answer);
  }
}
