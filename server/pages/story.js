// The story of a run as `secondlook show` tells it, to read and to copy.

import { button, el } from "./panel/dom.js";
import { readSettings } from "./settings.js";

/** Show it over the page. */
export async function showStory(run) {
  const { token } = await readSettings();
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`/api/runs/${encodeURIComponent(run)}/story`, { headers });
  const text = response.ok ? await response.text() : (await response.json()).message;
  const copy = button("Copy", { symbol: "copy", look: "plain" });
  copy.onclick = async () => {
    await navigator.clipboard.writeText(text);
    copy.lastChild.textContent = "Copied";
  };
  const dialog = el("dialog", { class: "story", "aria-label": "The story of this run" });
  const close = button("Close", { look: "primary", onclick: () => dialog.close() });
  dialog.append(el("pre", { tabIndex: 0 }, text), el("div", { class: "choices" }, copy, close));
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}
