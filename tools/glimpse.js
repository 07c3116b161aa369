// What an exact step needs to know of the page around it; see tools/glimpse.py. Takes the element,
// or null for that of the last call, and what probes the way to it, or null. Changes nothing.
(el, probe) => {
  const KEY = Symbol.for("secondlook.glimpse");
  const squeezed = text => (text || "").replace(/\s+/g, " ").trim().slice(0, 300);
  const shown = n => n.getClientRects().length > 0 && getComputedStyle(n).visibility === "visible";
  const text = n => squeezed(n.innerText || n.textContent);
  const labelled = n => {
    const ids = (n.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    const root = n.getRootNode();
    const by = ids.map(id => root.getElementById?.(id)).filter(Boolean).map(text).join(" ");
    return by || n.getAttribute("aria-label") || "";
  };
  const FIELDS = { textbox: 1, searchbox: 1, combobox: 1, listbox: 1, spinbutton: 1, slider: 1 };
  const INPUTS = {
    button: "button", submit: "button", reset: "button", image: "button", checkbox: "checkbox",
    radio: "radio", range: "slider", number: "spinbutton", search: "searchbox", file: "file",
  };
  const TAGS = {
    BUTTON: "button", A: "link", TEXTAREA: "textbox", OPTION: "option", SUMMARY: "button",
    IMG: "img", LI: "listitem", TR: "row", TD: "cell", TH: "columnheader", H1: "heading",
    H2: "heading", H3: "heading", H4: "heading",
  };
  const role = n => {
    const said = (n.getAttribute("role") || "").trim().split(/\s+/)[0];
    if (n.type === "file" && n.tagName === "INPUT") return "file";
    if (said) return said;
    if (n.tagName === "INPUT") return n.list ? "combobox" : INPUTS[n.type] || "textbox";
    if (n.tagName === "SELECT") return n.multiple || n.size > 1 ? "listbox" : "combobox";
    return TAGS[n.tagName] || (n.isContentEditable ? "textbox" : "generic");
  };
  const name = (n, role) => {
    const label = labelled(n) || [...(n.labels || [])].map(l => ownWords(l)).join(" ");
    if (squeezed(label)) return squeezed(label);
    if (n.tagName === "INPUT" && INPUTS[n.type] === "button") return squeezed(n.value || n.alt);
    const inner = FIELDS[role] ? "" : text(n) || squeezed(n.querySelector?.("img[alt]")?.alt);
    return inner || squeezed(n.getAttribute("alt") || n.title || n.placeholder);
  };
  // A label's words without those of the field in it: a list would bring all its options.
  const ownWords = label => {
    const walker = document.createTreeWalker(label, NodeFilter.SHOW_TEXT, {
      acceptNode: n => n.parentElement.closest("select, textarea, button, script, style")
        ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    });
    let words = "";
    while (walker.nextNode() && words.length < 300) words += walker.currentNode.data + " ";
    return words;
  };
  const value = (n, role) => {
    if (n.type === "password") return n.value ? "••••" : "";
    if (n.tagName === "SELECT") return [...n.selectedOptions].map(o => o.label.trim()).join(", ");
    if (n.type === "file" && n.files) return [...n.files].map(f => f.name).join(", ");
    if (!FIELDS[role]) return null;
    const inner = "value" in n ? n : n.querySelector("input, textarea");
    if (inner) return inner.value;
    if (n.isContentEditable) return n.innerText;
    return n.getAttribute("aria-valuetext") || n.getAttribute("aria-valuenow") || text(n);
  };
  const states = n => {
    const on = key => n.getAttribute(`aria-${key}`) === "true";
    const found = [];
    if ("checked" in n && n.type !== undefined ? n.checked === true : on("checked"))
      found.push("checked");
    if (n.matches(":disabled") || n.closest("[aria-disabled=true]")) found.push("disabled");
    for (const key of ["expanded", "pressed", "selected"]) if (on(key)) found.push(key);
    if (on("invalid") || n.matches(":user-invalid")) found.push("invalid");
    if (n.getRootNode().activeElement === n) found.push("focused");
    return found;
  };
  const line = n => {
    const control = n.tagName === "LABEL" && n.control ? n.control : n;
    const is = role(control);
    return { role: is, name: name(control, is), value: value(control, is), states: states(control) };
  };
  const all = (selector, most) => [...document.querySelectorAll(selector)].filter(shown).slice(0, most);
  if (!document[KEY]) {
    const pulse = { count: 0 };
    new MutationObserver(records => { pulse.count += records.length; }).observe(
      document, { subtree: true, childList: true, attributes: true, characterData: true });
    Object.defineProperty(document, KEY, { value: pulse });
  }
  const pulse = document[KEY];
  if (el) pulse.element = new WeakRef(el);
  const known = el || pulse.element?.deref();
  return JSON.stringify({
    title: document.title,
    pulse: pulse.count,
    reach: el && probe ? probe(el) : null,
    element: known && known.isConnected ? line(known) : null,
    loud: all("[role=alert], [role=status], [role=alertdialog], [role=dialog], dialog[open]", 8).map(
      n => ({ role: n.getAttribute("role") || "dialog",
              name: /dialog/.test(n.getAttribute("role") || "dialog") ? labelled(n) : text(n) })),
    invalid: all("[aria-invalid=true], :user-invalid", 8)
      .filter(n => n.matches("input, select, textarea, [role]")).map(line),
  });
}
