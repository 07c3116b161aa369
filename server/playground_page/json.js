// JSON laid out for reading. Its tokens stay as the model wrote them: parsed and written anew,
// 1.10 would become 1.1, a large number another one, and a key that stands twice would be lost.

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;

/** Whether a text is a JSON object or list. */
export function isJson(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

/** The nodes to show for a text that is JSON. */
export function laidOut(text) {
  const tokens = text.match(TOKEN);
  const nodes = [];
  let depth = 0;
  const line = () => nodes.push(`\n${"  ".repeat(depth)}`);
  tokens.forEach((token, at) => {
    const opens = token === "{" || token === "[";
    const closes = token === "}" || token === "]";
    const empty = closes && "{[".includes(tokens[at - 1]);
    if (closes) {
      depth -= 1;
      if (!empty) line();
    }
    nodes.push(coloured(token, tokens[at + 1] === ":"));
    if (opens) {
      depth += 1;
      if (!"}]".includes(tokens[at + 1])) line();
    } else if (token === ",") line();
    else if (token === ":") nodes.push(" ");
  });
  return nodes;
}

function coloured(token, isKey) {
  const node = document.createElement("span");
  node.textContent = token;
  const string = token.startsWith('"');
  if (isKey) node.className = "key";
  else if (string) node.className = "string";
  else node.className = "{}[],:".includes(token) ? "mark" : "number";
  return node;
}
