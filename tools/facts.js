// What the page itself knows about its fields; see tools/facts.py. Runs once per frame and
// changes nothing. Every entry is [x, y, width, height, {facts}], rounded as Playwright does.
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
  // a class "trash".
  const SHAPES = /^(btn|button|icon|image|img|svg|svg-icon|link|item|wrapper|container|flex|grid|block|inline|relative|absolute|hidden|clickable|pointer|active|left|right)$/;
  const icon = element => {
    if (element.textContent.trim() || element.querySelector("img[alt], [aria-label]")) return "";
    const inner = element.querySelector("[class]");
    const classes = `${element.getAttribute("class") || ""} ` +
      (inner && inner.getAttribute("class") || "");
    const match = /(?:^|\s)(?:icon|fa|bi|mdi|ql|glyphicon)-([a-z][a-z-]*)/.exec(classes);
    const plain = classes.split(/\s+/).find(c => /^[a-z]{3,}(-[a-z]+)*$/.test(c) && !SHAPES.test(c));
    return (match ? match[1] : element.id || plain || "").replace(/[-_]+/g, " ");
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
  // A picture with a word or two under or beside it, one of several in something that shows a
  // hand: each is a button, although nothing says so.
  const button = element => element.childElementCount > 1 &&
    element.textContent.trim().length <= 20 && element.textContent.trim() &&
    [...element.children].some(e => !e.textContent.trim());
  const inToolbar = (element, style) => style.cursor === "pointer" && button(element) &&
    element.parentElement && element.parentElement.childElementCount > 1 &&
    [...element.parentElement.children].every(button) && !element.closest(CONTROLS);
  const alone = (element, style) => {
    const control = element.tagName === "LABEL" ? element.control : null;
    const stands = control && BOXES[control.type] && !control.getClientRects().length;
    if (!stands && (control || element.childElementCount)) return null;
    const above = element.parentElement;
    const reacts = element.hasAttribute("onclick") || element.matches("a:not([href]):not([name])") ||
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
  const add = (element, facts) => {
    const box = element.getBoundingClientRect();
    if (!box.x && !box.y && !box.width && !box.height) return;  // not shown at all
    found.push([Math.round(box.x), Math.round(box.y), Math.round(box.width),
                Math.round(box.height), facts]);
  };
  const visit = root => {
    for (const element of root.querySelectorAll(FIELDS)) {
      const known = facts(element);
      if (known && Object.keys(known).length) add(element, known);
    }
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) visit(element.shadowRoot);
      const style = getComputedStyle(element);
      if (element.matches("button, a[href], [role=button]") || pictured(element, style)) {
        const hint = icon(element);
        if (hint) add(element, { icon: hint });
      }
      const words = alone(element, style);
      if (words) add(element, words);
      if (inToolbar(element, style)) add(element, { click: "1" });
      const overflow = style.overflowY;
      if ((overflow === "auto" || overflow === "scroll") &&
          element !== document.body && element !== document.documentElement &&
          element.scrollHeight > element.clientHeight + 1 && element.clientHeight > 0)
        add(element, { scroll: "1" });
    }
  };
  visit(document);
  // As one string: Playwright takes ten times as long to hand over a large structure.
  return JSON.stringify({ height: innerHeight, title: document.title, found });
}
