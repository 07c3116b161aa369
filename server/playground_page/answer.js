// One answer on the page: its parts as they stream, its counts, and the raw deltas.

import { isJson, laidOut } from "./json.js";

const byId = (id) => document.getElementById(id);
const seconds = (ms) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
const CLOSE = 160; // pixels from the end of the page within which new text is followed

export class Answer {
  #began = performance.now();
  #first = 0;
  #last = 0;
  #deltas = [];
  #rawShown = 0;
  #pieces = [];
  #drawing = false;
  #over = false;
  #block = null; // the paragraph of the thinking that is being written
  #kind = "";
  #reflections = 0;
  #output = "";

  constructor() {
    byId("welcome").hidden = true;
    byId("shown").hidden = false;
    byId("thinking").hidden = byId("output").hidden = true;
    byId("thinking-flow").replaceChildren();
    byId("output-text").replaceChildren();
    byId("output-text").className = "writing";
    byId("raw-text").replaceChildren();
    for (const id of ["thinking-note", "output-note", "raw-note"]) byId(id).textContent = "";
    this.#count(0, "");
    this.#say("Waiting for the first token", "running");
    byId("raw").ontoggle = () => this.#showRaw();
    byId("answer").setAttribute("aria-busy", "true");
  }

  /** The answer's output as the model wrote it. */
  get output() {
    return this.#output.trim();
  }

  /** Take one event of the stream. */
  take(event) {
    if (event.event === "piece") this.#pieces.push(event);
    if (event.event === "delta") this.#delta(event.delta);
    if (event.event === "done") return this.#done(event);
    if (!this.#drawing) {
      this.#drawing = true;
      requestAnimationFrame(() => this.#draw());
    }
  }

  /** No more comes, and not because the answer is whole. */
  end(words) {
    this.#draw();
    this.#close(words, "");
  }

  #delta(delta) {
    const now = performance.now();
    const says = Object.entries(delta).some(([name, value]) => name !== "role" && value);
    if (says) {
      this.#first ||= now;
      this.#last = now;
    }
    const at = ((now - this.#began) / 1000).toFixed(3).padStart(8);
    this.#deltas.push({ line: `${at} s  ${JSON.stringify(delta)}\n`, says });
  }

  #draw() {
    if (this.#over) return;
    this.#drawing = false;
    const { scrollHeight } = document.documentElement;
    const follow = this.#kind && scrollY + innerHeight > scrollHeight - CLOSE;
    for (const { piece, text } of this.#pieces.splice(0)) {
      if (piece === "output") this.#write(text);
      else this.#think(piece, text);
    }
    this.#count(this.#deltas.filter((delta) => delta.says).length, "≈ ");
    this.#showRaw();
    if (follow) scrollTo({ top: document.documentElement.scrollHeight });
  }

  #think(kind, text) {
    byId("thinking").hidden = false;
    if (this.#kind !== kind) {
      this.#kind = kind;
      this.#settle();
      this.#say(kind === "reflection" ? "Reflecting" : "Thinking", "running");
    }
    if (!this.#block) {
      text = text.trimStart();
      if (!text) return;
      this.#begin(kind);
    }
    this.#block.lastChild.appendData(text);
  }

  #begin(kind) {
    this.#block = document.createElement("p");
    this.#block.className = "writing";
    this.#block.append("");
    if (kind === "thinking") return byId("thinking-flow").append(this.#block);
    this.#reflections += 1;
    const aside = document.createElement("section");
    const title = document.createElement("h3");
    title.id = `reflection-${this.#reflections}`;
    title.textContent = "Reflection";
    aside.className = "reflection";
    aside.setAttribute("aria-labelledby", title.id);
    aside.append(title, this.#block);
    byId("thinking-flow").append(aside);
    const s = this.#reflections === 1 ? "" : "s";
    byId("thinking-note").textContent = `${this.#reflections} reflection${s}`;
  }

  #write(text) {
    if (this.#kind !== "output") {
      this.#kind = "output";
      this.#settle();
      byId("output").hidden = false;
      this.#say("Writing the output", "running");
    }
    this.#output += text;
    byId("output-text").append(this.#output === text ? text.trimStart() : text);
  }

  #done({ finish, answer_tokens, tagless, left_out }) {
    this.#draw();
    if (answer_tokens !== null) this.#count(answer_tokens, "");
    if (tagless) {
      byId("thinking").hidden = true;
      byId("output-note").textContent = "the model wrote no tags";
    }
    const without = left_out.length ? `, without ${left_out.join(" and ")}, which this endpoint does not take` : "";
    if (finish === "length") this.#close(`Cut off: no more tokens were allowed${without}`, "cut");
    else this.#close(`Done in ${seconds(performance.now() - this.#began)}${without}`, "done");
  }

  #close(words, state) {
    this.#over = true;
    this.#settle();
    const text = byId("output-text");
    text.className = "";
    if (isJson(this.output)) {
      text.className = "json";
      text.replaceChildren(...laidOut(this.output));
    }
    byId("answer").removeAttribute("aria-busy");
    this.#say(words, state);
  }

  #settle() {
    const block = this.#block;
    this.#block = null;
    if (!block) return;
    block.classList.remove("writing");
    block.lastChild.data = block.lastChild.data.trimEnd();
  }

  #say(words, state) {
    const status = byId("status");
    if (status.textContent !== words) status.textContent = words;
    status.className = `status ${state}`;
  }

  #count(tokens, about) {
    const took = (this.#last - this.#first) / 1000;
    byId("count-tokens").textContent = tokens ? `${about}${tokens.toLocaleString("en")}` : "–";
    byId("count-first").textContent = this.#first ? seconds(this.#first - this.#began) : "–";
    byId("count-speed").textContent = tokens > 1 && took ? `${about}${Math.round((tokens - 1) / took)}` : "–";
    byId("raw-note").textContent = this.#deltas.length ? `${this.#deltas.length} deltas` : "";
  }

  #showRaw() {
    if (!byId("raw").open) return;
    const text = byId("raw-text");
    const atEnd = text.scrollTop + text.clientHeight > text.scrollHeight - 40;
    text.append(this.#deltas.slice(this.#rawShown).map((delta) => delta.line).join(""));
    this.#rawShown = this.#deltas.length;
    if (atEnd) text.scrollTop = text.scrollHeight;
  }
}
