// What the page itself knows about its fields; see tools/facts.py. Runs once per frame and
// changes nothing. Every entry is [x, y, width, height, {facts}], rounded as Playwright does;
// those of `bare` say where the element stands, because the snapshot may not have it.
() => {
  const FIELDS = "input, textarea, select, summary, iframe, frame, progress, meter, " +
    "[contenteditable]:not([contenteditable=false]), [onclick], [tabindex]:not([tabindex^='-']), " +
    "[aria-expanded=false], [aria-required=true], [aria-readonly=true], [aria-valuenow], " +
    "[role=textbox], [role=searchbox], [title], a:not([href]):not([name])";
  const NATIVE = { INPUT: 1, TEXTAREA: 1, SELECT: 1, BUTTON: 1, A: 1, IFRAME: 1, FRAME: 1 };
  const SHAPED = { date: 1, time: 1, month: 1, week: 1, "datetime-local": 1, color: 1 };
  const found = [];
  const words = element => {
    if (!element) return "";
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, {
      acceptNode: node => node.parentElement.closest("select, textarea, button, script, style")
        ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    });
    let text = "";
    while (texts.nextNode() && text.length < 300) text += texts.currentNode.data + " ";
    return text.trim();
  };
  const label = element => {
    const own = element.getAttribute("aria-label");
    if (own && own.trim()) return own;
    const ids = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    if (ids.length) {
      const root = element.getRootNode();
      const text = ids.map(id => words(root.getElementById && root.getElementById(id))).join(" ");
      if (text.trim()) return text;
    }
    return element.labels ? [...element.labels].map(words).join(" ").trim() : "";
  };
  const field = (element, facts) => {
    const tag = element.tagName;
    const type = tag === "INPUT" ? element.type : "";
    facts.tag = tag.toLowerCase();
    if (type) facts.type = type;
    if (type === "password") facts.filled = element.value ? "1" : "";
    else if (type === "file") {
      facts.role = "file";
      facts.value = [...element.files].map(file => file.name).join(", ");
    } else if (type !== "checkbox" && type !== "radio" && tag !== "SELECT" &&
               type !== "submit" && type !== "button" && type !== "reset" && type !== "image")
      facts.value = element.value.slice(0, 600);
    if (SHAPED[type]) facts.shape = type === "datetime-local" ? "datetime" : type;
    if (element.placeholder) facts.placeholder = element.placeholder;
    if (element.required) facts.required = "1";
    if (element.readOnly) facts.readonly = "1";
    if (element.matches(":user-invalid")) facts.invalid = "1";
  };
  const facts = element => {
    const facts = {};
    const tag = element.tagName;
    if (tag === "INPUT" || tag === "TEXTAREA" || tag === "SELECT") {
      if (element.type === "hidden") return null;
      field(element, facts);
    } else if (tag === "SUMMARY") {
      facts.role = "button";
      if (!(element.parentElement && element.parentElement.open)) facts.collapsed = "1";
      else facts.expanded = "1";
    } else if (tag === "IFRAME" || tag === "FRAME") {
      let host = "";
      try { host = new URL(element.src).host; } catch { host = ""; }
      facts.label = element.title || element.name || host;
    } else if (tag === "PROGRESS" || tag === "METER") {
      if (element.position !== -1) facts.value = element.value + "/" + element.max;
    } else if (element.isContentEditable && !(element.parentElement &&
               element.parentElement.isContentEditable)) {
      facts.role = "textbox";
      facts.value = element.innerText.slice(0, 600);
    }
    const get = name => element.getAttribute(name);
    if (!facts.label) facts.label = label(element);
    if (get("title")) facts.title = get("title");
    if (get("aria-required") === "true") facts.required = "1";
    if (get("aria-readonly") === "true") facts.readonly = "1";
    if (get("aria-expanded") === "false") facts.collapsed = "1";
    if (get("aria-valuenow") && !("value" in facts))
      facts.value = get("aria-valuetext") || get("aria-valuenow");
    if (get("aria-placeholder")) facts.placeholder = get("aria-placeholder");
    const tabbed = element.tabIndex >= 0 && get("tabindex") !== null;
    const scripted = tag === "A" ? !element.href && !element.name : !NATIVE[tag];
    if (scripted && !facts.role && (tag === "A" || element.hasAttribute("onclick") || tabbed))
      facts.click = "1";
    for (const key of Object.keys(facts)) if (facts[key] === "") delete facts[key];
    return facts;
  };
  // What a picture-only button is called in the page's source, e.g. "trash" for fa-trash or for
  // a class "trash", "bold" for ql-bold.
  const SHAPES = /^((btn|button|icon|image|img|svg|link|item|wrapper|container|flex|grid|block|inline|relative|absolute|hidden|clickable|pointer|active|left|right|picker|label|primary|secondary|default)(-|$))+$/;
  const called = element => {
    for (const name of (element.getAttribute("class") || "").split(/\s+/)) {
      const plain = /^(?:[a-z]{1,3}-)?([a-z]{3,}(?:-[a-z]+)*)$/.exec(name);
      if (plain && !SHAPES.test(plain[1]) && !SHAPES.test(name))
        return plain[1].replace(/-(icon|label|button|btn)$/, "");
    }
    return "";
  };
  const icon = element => {
    if (element.textContent.trim() || element.querySelector("img[alt], [aria-label]")) return "";
    const inner = element.querySelector("[class]");
    const classes = `${element.getAttribute("class") || ""} ` +
      (inner && inner.getAttribute("class") || "");
    const match = /(?:^|\s)(?:icon|fa|bi|mdi|glyphicon)-([a-z][a-z-]*)/.exec(classes);
    const around = element.parentElement;
    const plain = () => called(element) || (inner && called(inner)) ||
      (around && around.childElementCount < 3 && !around.textContent.trim() && called(around)) || "";
    // One of several by number, e.g. "seat 12": its class tells what is there.
    const numbered = /[a-z][-_]?\d{1,3}$/i.test(element.id) ? `${element.id} ${called(element)}` : "";
    const name = match ? match[1] : numbered || element.id || plain();
    return name.replace(/[-_\s]+/g, " ").trim();
  };
  const ON = /(?:^|[\s-])(?:active|selected|clicked|checked|pressed|toggled|starred|liked)(?:\s|$)/;
  const isOn = element => !element.matches("a[href], [aria-pressed]") &&
    ON.test(element.getAttribute("class") || "") ? "1" : "";
  // What a field of plain colour shows.
  const HUES = [[15, "red"], [45, "orange"], [70, "yellow"], [165, "green"], [195, "turquoise"],
                [255, "blue"], [295, "purple"], [345, "pink"], [360, "red"]];
  const colour = style => {
    const parts = (style.backgroundColor.match(/[\d.]+/g) || []).map(Number);
    if (parts.length < 3 || parts[3] === 0) return "";
    const [r, g, b] = parts;
    const most = Math.max(r, g, b), least = Math.min(r, g, b), span = most - least;
    const light = (most + least) / 510;
    if (span < 20) return light > 0.9 ? "white" : light < 0.1 ? "black" : "grey";
    const turn = most === r ? (g - b) / span + 6 : most === g ? (b - r) / span + 2
      : (r - g) / span + 4;
    const hue = turn * 60 % 360;
    return (light > 0.75 ? "light " : light < 0.25 ? "dark " : "") + HUES.find(h => hue <= h[0])[1];
  };
  const pictured = (element, style) => style.cursor === "pointer" && !element.childElementCount &&
    !element.closest(CONTROLS);
  // What the snapshot knows only as words in something larger, because nothing but words is in
  // it: text that reacts to clicks, and the label of a box that is not displayed.
  const BOXES = { checkbox: 1, radio: 1, file: 1 };
  const CONTROLS = "a[href], input, button, select, textarea, summary, label, " +
    ["button", "checkbox", "combobox", "link", "menuitem", "menuitemcheckbox", "menuitemradio",
     "option", "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox",
     "treeitem"].map(role => `[role=${role}]`).join(", ");
  const INSIDE = `${CONTROLS}, [tabindex], iframe, video, audio, [contenteditable]`;
  // Only the browser's developer tools know who listens; without them nobody seems to.
  const PRESSES = ["click", "dblclick", "mousedown", "pointerdown"];
  const hears = element => {
    if (typeof getEventListeners !== "function") return false;
    const listeners = getEventListeners(element);
    return PRESSES.some(type => type in listeners);
  };
  const lone = element => !element.closest(CONTROLS) && !element.querySelector(INSIDE) &&
    ![...element.querySelectorAll("*")].some(hears);
  const LISTS = /^(UL|OL|DL|TABLE|TBODY|FORM|FIELDSET|NAV|MAIN|SECTION|BODY|HTML)$/;
  // What listens for all that is in it, such as a whole list, is nothing to click itself.
  const delegates = element => {
    const kinds = [...element.children].map(child => child.tagName + child.getAttribute("class"));
    return LISTS.test(element.tagName) || kinds.some(kind => kinds.filter(k => k === kind).length > 2);
  };
  const short = element => {
    const length = element.textContent.trim().length;
    return length > 0 && length <= 120;
  };
  // A picture with a word or two under or beside it, one of several in something that shows a
  // hand: each is a button, although nothing says so.
  const button = element => element.childElementCount > 1 &&
    element.textContent.trim().length <= 20 && element.textContent.trim() &&
    [...element.children].some(e => !e.textContent.trim());
  const inToolbar = (element, style) => style.cursor === "pointer" && button(element) &&
    element.parentElement && element.parentElement.childElementCount > 1 &&
    [...element.parentElement.children].every(button) && !element.closest(CONTROLS);
  const alone = (element, style, heard) => {
    const control = element.tagName === "LABEL" ? element.control : null;
    const stands = control && BOXES[control.type] && !control.getClientRects().length;
    if (!stands && (control || element.childElementCount)) return null;
    const above = element.parentElement;
    const reacts = heard || element.hasAttribute("onclick") || element.matches("a:not([href]):not([name])") ||
      (style.cursor === "pointer" && above && getComputedStyle(above).cursor !== "pointer");
    if (!stands && (!reacts || element.closest(CONTROLS))) return null;
    const text = element.textContent.replace(/\s+/g, " ").trim();
    if (!text || text.length > 120) return null;
    const facts = { words: text };
    if (!stands) return facts;
    facts.role = control.type;
    if (control.checked) facts.checked = "1";
    if (control.disabled) facts.disabled = "1";
    return facts;
  };
  // Where an element stands, as the end of an XPath; "" in a shadow tree, which XPath cannot enter.
  const path = element => {
    let steps = "";
    for (let at = element; at; at = at.parentElement) {
      if (/^[\w-]+$/.test(at.id) && document.querySelectorAll(`#${CSS.escape(at.id)}`).length === 1)
        return `//*[@id="${at.id}"]${steps}`;
      if (!at.parentElement) return at === document.documentElement ? steps : "";
      steps = `/*[${[...at.parentElement.children].indexOf(at) + 1}]${steps}`;
    }
  };
  const place = element => {
    const box = element.getBoundingClientRect();
    return [box.x, box.y, box.width, box.height].map(Math.round);
  };
  // The number beside a slider is its value.
  const shownBeside = slider => {
    const beside = slider ? [slider.nextElementSibling, slider.previousElementSibling] : [];
    const texts = beside.map(element => element ? element.textContent.trim() : "");
    return texts.find(text => /^[^\d\s]?-?\d+([.,]\d+)?\s?\S{0,3}$/.test(text)) || "";
  };
  // An element without words that can be used: the snapshot leaves out what has none.
  const usable = (element, style, heard) => {
    const tabbed = element.tabIndex >= 0 && element.getAttribute("tabindex") !== null;
    if (!heard && !tabbed || NATIVE[element.tagName] || element.textContent.trim()) return null;
    const [x, , width, height] = place(element);
    if (x + width <= 0 || width < 4 || height < 4 || width * height * 4 > innerWidth * innerHeight) return null;
    if (style.visibility !== "visible" || style.pointerEvents === "none" ||
        delegates(element) || !lone(element) ||
        element.closest("[aria-hidden=true]") || element.querySelector("img[alt]")) return null;
    const known = facts(element);
    const slides = /(slider|range)\S*(handle|thumb)/i.test(element.getAttribute("class") || "");
    known.role = slides ? "slider" : "clickable";
    const around = element.parentElement;
    if (slides) {
      known.icon = (around && around.id || "").replace(/[-_]+/g, " ").replace(/^slider */, "");
      known.value = known.value || shownBeside(around);
    } else {
      known.icon = icon(element) || colour(style);
      known.pressed = isOn(element);
    }
    return known;
  };
  const bare = [];
  const addBare = (element, facts) => {
    const way = path(element);
    if (!way) return;
    const around = [];
    for (let up = element.parentElement; up && around.length < 12; up = up.parentElement)
      around.push(place(up));
    for (const key of Object.keys(facts)) if (!facts[key]) delete facts[key];
    bare.push({ box: place(element), path: way, around, facts });
  };
  const add = (element, facts) => {
    const box = place(element);
    if (box.some(Boolean)) found.push([...box, facts]);  // else it is not shown at all
  };
  const visit = root => {
    for (const element of root.querySelectorAll(FIELDS)) {
      const known = facts(element);
      if (!known || !Object.keys(known).length) continue;
      add(element, known);
      // A snapshot leaves out what only wraps one other thing, be it the text one writes.
      if (known.role === "textbox" && place(element)[0] >= 0) addBare(element, { ...known });
    }
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) visit(element.shadowRoot);
      const style = getComputedStyle(element);
      if (element.matches("button, a[href], [role=button]") || pictured(element, style)) {
        const hint = icon(element);
        if (hint) add(element, isOn(element) ? { icon: hint, pressed: "1" } : { icon: hint });
      }
      const heard = hears(element);
      const words = alone(element, style, heard);
      if (words) add(element, words);
      const whole = heard && element.childElementCount && short(element) &&
        !delegates(element) && lone(element);
      if (whole || inToolbar(element, style)) add(element, { click: "1" });
      const use = usable(element, style, heard);
      if (use) addBare(element, use);
      const overflow = style.overflowY;
      if ((overflow === "auto" || overflow === "scroll") &&
          element !== document.body && element !== document.documentElement &&
          element.scrollHeight > element.clientHeight + 1 && element.clientHeight > 0)
        add(element, { scroll: "1" });
    }
  };
  visit(document);
  // As one string: Playwright takes ten times as long to hand over a large structure.
  return JSON.stringify({ height: innerHeight, title: document.title, found, bare });
}
