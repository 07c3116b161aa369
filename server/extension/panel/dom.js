// Building the page: always from nodes and text, never from HTML, for pages speak through us.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. `props` are properties (`onclick`, `hidden`, `textContent`) or, with a dash or
 * where there is no such property, attributes; `class` is the class. Children that are null or
 * false are left out.
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name === "class") element.className = value;
    else if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== false));
  return element;
}

/** Replace what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== false));
}

const PATHS = {
  plus: ["M12 5v14", "M5 12h14"],
  clock: ["M12 7v5l3 2", "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z"],
  gear: [
    "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
    "M19.4 13.5a7.6 7.6 0 0 0 0-3l2-1.5-2-3.4-2.3 1a7.5 7.5 0 0 0-2.6-1.5L14.2 2.6h-4l-.4 2.5"
      + "a7.5 7.5 0 0 0-2.6 1.5l-2.3-1-2 3.4 2 1.5a7.6 7.6 0 0 0 0 3l-2 1.5 2 3.4 2.3-1"
      + "a7.5 7.5 0 0 0 2.6 1.5l.4 2.5h4l.4-2.5a7.5 7.5 0 0 0 2.6-1.5l2.3 1 2-3.4z",
  ],
  list: ["M8 6h12", "M8 12h12", "M8 18h12", "M4 6h.01", "M4 12h.01", "M4 18h.01"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  cross: ["M6 6l12 12", "M18 6L6 18"],
  arrow: ["M5 12h14", "M13 6l6 6-6 6"],
  hand: [
    "M8 12V5.5a1.5 1.5 0 0 1 3 0V11", "M11 10.5v-6a1.5 1.5 0 0 1 3 0V11",
    "M14 10.5V6a1.5 1.5 0 0 1 3 0v8.5a6.5 6.5 0 0 1-6.5 6.5c-2.7 0-4-1.2-5.2-3.2L3.4 14"
      + "a1.5 1.5 0 0 1 2.5-1.6L8 15",
  ],
  pause: ["M9 6v12", "M15 6v12"],
  stop: ["M7 7h10v10H7z"],
  play: ["M8 5.5v13l10-6.5z"],
  back: ["M15 5l-7 7 7 7"],
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z",
    "M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"],
  globe: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M3 12h18",
    "M12 3c2.5 2.6 3.8 5.6 3.8 9s-1.3 6.4-3.8 9c-2.5-2.6-3.8-5.6-3.8-9S9.5 5.6 12 3z"],
  alert: ["M12 4L2.8 19.5h18.4z", "M12 10v4", "M12 17h.01"],
  shield: ["M12 3l7.5 3v5.5c0 4.6-3.1 8-7.5 9.5-4.4-1.5-7.5-4.9-7.5-9.5V6z"],
  copy: ["M9 9h11v11H9z", "M5 15H4V4h11v1"],
  tab: ["M5 4.5h14a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-11a2 2 0 0 1 2-2z", "M3 9h18",
    "M6.5 6.8h.01", "M9.2 6.8h.01"],
  loop: ["M4 12a8 8 0 0 1 14-5.3L20 9", "M20 4v5h-5", "M20 12a8 8 0 0 1-14 5.3L4 15", "M4 20v-5h5"],
};

/** A line drawing of 24 units, for the eye only. */
export function icon(name, size = 18) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" };
  for (const [key, value] of Object.entries({ ...attributes, class: `icon ${name}` })) {
    svg.setAttribute(key, value);
  }
  for (const d of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** A button with an icon, words, or both; `label` names one that has no words. */
export function button(words, { symbol, look = "", label, ...props } = {}) {
  const named = { type: "button", class: `button ${look}`, "aria-label": label, title: label };
  const content = [symbol && icon(symbol), words && el("span", {}, words)];
  return el("button", { ...named, ...props }, ...content.map((part) => part || null));
}

let spoken = 0;

/** Say something to a screen reader; the same words twice are said twice. */
export function say(words) {
  const place = document.getElementById("spoken");
  place.textContent = (spoken += 1) % 2 ? words : `${words}\u00a0`;
}
