// How states, causes and times are called.

export const STATES = {
  queued: { words: "In the queue", look: "calm" },
  running: { words: "Working", look: "busy" },
  pausing: { words: "Pausing", look: "calm" },
  paused: { words: "Paused", look: "calm" },
  taken_over: { words: "Yours for now", look: "yours" },
  stopping: { words: "Stopping", look: "calm" },
  needs_approval: { words: "Needs your yes", look: "asks" },
  needs_answer: { words: "Asks you", look: "asks" },
  done: { words: "Done", look: "good" },
  failed: { words: "Not done", look: "bad" },
  limit: { words: "At its limit", look: "bad" },
  stopped: { words: "Stopped", look: "calm" },
  interrupted: { words: "Interrupted", look: "asks" },
};

const CAUSES = {
  not_found: "It is not there",
  not_visible: "It is not visible",
  covered: "Something covers it",
  disabled: "It is disabled",
  detached: "It has gone from the page",
  navigated_away: "The page has changed",
  navigation_failed: "The page did not open",
  timeout: "It took too long",
  no_effect: "Nothing happened",
  dialog_open: "A dialog is open",
  wrong_value: "It holds another value",
  blocked_by_policy: "Not an allowed site",
  browser_gone: "The tab was lost",
  malformed_answer: "The answer made no sense",
  loop: "It went round in circles",
};

const NEXT = {
  retry_differently: "Try another way",
  do_something_first: "Do something else first",
  replan: "Make a new plan",
  ask_user: "Ask you",
  give_up: "Give up",
};

/** A failure's cause in words. */
export function causeWords(cause) {
  return CAUSES[cause] ?? cause;
}

/** Why an action failed: the cause, and what on the page shows it. */
export function whyWords({ cause, evidence }) {
  if (cause === "covered" && evidence) return sentence(evidence); // "dialog Cookies covers it"
  return [causeWords(cause), evidence].filter(Boolean).join(": ");
}

/** What follows from a reflection, in words. */
export function strategyWords(strategy) {
  return NEXT[strategy] ?? strategy;
}

/** "click button Add" as a sentence: "Click button Add". */
export function sentence(said) {
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** An address as a person reads it. */
export function place(url) {
  try {
    const { host, pathname } = new URL(url);
    return host + (pathname === "/" ? "" : pathname);
  } catch {
    return url;
  }
}

/** The site of an address, "" if it has none. */
export function host(url) {
  try {
    return new URL(url).host;
  } catch {
    return "";
  }
}

/** "just now", "5 min ago", "yesterday", "3 Nov". */
export function ago(when) {
  const date = new Date(when);
  const minutes = Math.round((Date.now() - date.getTime()) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 60 * 24) return `${Math.round(minutes / 60)} h ago`;
  if (minutes < 60 * 48) return "yesterday";
  return date.toLocaleDateString(undefined, { day: "numeric", month: "short" });
}

/** "8 s", "2 min 5 s". */
export function duration(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** "1 action", "3 actions". */
export function count(number, thing) {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
