// What runs inside the lent pages, in a world of its own that their scripts cannot reach.

export const WORLD = "secondlook";
export const BINDING = "secondlookTells";

/**
 * Tells of the user's own clicks and keys, and how large the page is. Turned into text and run
 * in every frame, so it may use nothing from outside itself.
 */
function watch(binding) {
  if (globalThis.secondlookWatches) return;
  globalThis.secondlookWatches = true;
  const tell = (what) => globalThis[binding]?.(JSON.stringify(what)); // it may come a bit later
  const modifiers = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"]);
  const editing = new Set(["v", "x", "y", "z", "Enter", "Backspace", "Delete"]);
  const options = { capture: true, passive: true };
  addEventListener("pointerdown", (event) => {
    if (event.isTrusted) tell({ touched: "pointer" });
  }, options);
  addEventListener("keydown", (event) => {
    const shortcut = event.ctrlKey || event.metaKey || event.altKey;
    if (!event.isTrusted || modifiers.has(event.key)) return;
    if (!shortcut || editing.has(event.key)) tell({ touched: "key" });
  }, options);
  if (window === window.top) {
    const size = () => tell({ width: innerWidth, height: innerHeight });
    addEventListener("resize", size, options);
    size();
  }
}

export const SOURCE = `(${watch})(${JSON.stringify(BINDING)})`;
