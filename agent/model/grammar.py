"""From a schema to a grammar for the decoder: free thinking, bounded, then exactly that JSON.

One text serves llama.cpp (GBNF) and vLLM (xgrammar's EBNF); it keeps to what both read. Five
things keep them fast, each measured (docs/model.md): a repetition stands on one character
class, never on another repetition that may be empty (650 ms a token instead of 1 in
llama.cpp), nor on an alternative (2.6 ms a token instead of 0.1 in xgrammar); long ones are
repeated blocks, and a text's rule reaches to its closing quote and is the same for all texts
(24 ms to compile without, 9 with both, in xgrammar); alternatives that begin alike are written
as a tree, so that few of them are open at a time; and what occurs often is a rule of its own.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.model.schema import LEADING, TEXT_LENGTH, Schema

REFLECTIONS = 2
"""Reflections that may stand in one thinking."""

_BLOCK = 50
"""Long texts are repeated blocks of this many characters: fewer rules than one a character."""

_ITEM = 80
"""Characters that each text of a list may have, however many there are: a plan's longest step."""
_ITEMS = 8
"""Texts of a list that may be as long as one text alone."""

_REPEATS = 1900
"""llama.cpp refuses 2,000 repetitions and more."""

_DEPTH = 4
"""How deep JSON without a schema may be nested."""

_NOT_PLAIN = '"\\\\<\\x00-\\x1F\\x7F'
"""In a character class: what a JSON text has to escape, and `<`, which might begin a tag of the
protocol or a control token (`<|eom_id|>` ends an answer in its middle); a model that babbles
writes those into texts, too."""

_A_SPECIAL, _SPECIALS = 20, 20
"""A text may have one escape or `<` for each so many characters, and at most so many,"""
_AFTER = 1400
"""and after each the square of the characters before the first, divided by this: in an answer
with little room a small model that babbles must come to an end there, too."""
_SPECIAL_LENGTH = 6
"""Characters of the longest such: `</ thx`, which might have begun a tag and did not."""

_ENUMERATED = 200
"""Whole numbers between bounds are listed one by one up to this many."""


@dataclass(frozen=True)
class _Literal:
    text: str


@dataclass(frozen=True)
class _Raw:
    """A piece of grammar: a rule's name, or something in brackets."""

    text: str


_Items = tuple[_Literal | _Raw, ...]


def grammar(schema: Schema, thinking: int, text: int = _REPEATS) -> str:
    """The whole answer's grammar; characters of the thinking and of one text are bounded."""
    rules = _Rules(text)
    answer = rules.named(rules.of(schema), "answer")
    free = rules.free_text(max(_BLOCK, thinking // (1 + REFLECTIONS)))
    rules.add("reflection", f'"<reflection>" {free} "</reflection>" {free}')
    root = f'"<thinking>" {free} reflection{{0,{REFLECTIONS}}}'
    rules.add("root", f'{root} "</thinking><output>" {answer} "</output>"')
    return rules.written()


def single_word(word: str) -> str:
    """A grammar that allows this one word: an endpoint that answers with it obeys grammars."""
    return f'root ::= "{word}"\n'


class _Rules:
    """The grammar's rules by name; equal ones are written once."""

    def __init__(self, text: int) -> None:
        self._longest = min(_REPEATS, text)
        self._bodies: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def add(self, name: str, body: str) -> str:
        self._bodies[name] = body
        return name

    def shared(self, body: str, stem: str) -> str:
        """The name of a rule with this body."""
        if body not in self._names:
            self._names[body] = self.add(f"{stem}{len(self._names)}", body)
        return self._names[body]

    def named(self, items: _Items, stem: str) -> str:
        return self.shared(_sequence(items), stem)

    def written(self) -> str:
        """All rules, the root first."""
        ordered = sorted(self._bodies, key=lambda name: name != "root")
        return "".join(f"{name} ::= {self._bodies[name]}\n" for name in ordered)

    def free_text(self, length: int) -> str:
        """Up to about `length` characters without `<`."""
        return self.shared(self._run("[^<]", length), "text")

    def _run(self, characters: str, length: int) -> str:
        """Up to `length` of these characters, long ones up to a whole number of blocks less one."""
        if length < 2 * _BLOCK:
            return f"{characters}{{0,{length}}}"
        block = self.shared(f"{characters}{{{_BLOCK}}}", "block")
        blocks = min(_REPEATS, length // _BLOCK - 1)
        return f"{block}{{0,{blocks}}} {characters}{{0,{_BLOCK - 1}}}"

    def of(self, schema: Schema) -> _Items:
        """What matches this schema, as compact JSON."""
        if "const" in schema:
            return (_Literal(_json(schema["const"])),)
        if "enum" in schema:
            return (self._alternatives([(_Literal(_json(v)),) for v in schema["enum"]], "one"),)
        if "anyOf" in schema:
            return (self._alternatives([self.of(option) for option in schema["anyOf"]], "any"),)
        match schema.get("type"):
            case "object" if schema.get("properties"):
                return self._object(schema)
            case "array" if "items" in schema:
                return self._array(schema)
            case "string":
                return (_Raw(self._string(schema)),)
            case "integer" | "number" as kind:
                return (_Raw(self._number(schema, whole=kind == "integer")),)
            case "boolean":
                return (_Raw(self.shared('"true" | "false"', "bool")),)
            case "null":
                return (_Literal("null"),)
            case "object":
                return (_Raw(self._any_object(_DEPTH)),)
            case _:
                return (_Raw(self._any(_DEPTH)),)

    def _alternatives(self, options: Sequence[_Items], stem: str) -> _Raw:
        return _Raw(self.shared(_tree(options), stem))

    def _object(self, schema: Schema) -> _Items:
        """The fields in their order, those not required left out or not."""
        required = set(schema.get("required", ()))
        items: list[_Literal | _Raw] = [_Literal("{")]
        fields = list(schema["properties"].items())
        for at, (name, inner) in enumerate(fields):
            first_for_sure = at == 0
            certain = any(n in required for n, _ in fields[:at])
            key = _json(name) + ":"
            if name in required and (first_for_sure or certain):
                items += [_Literal(key if first_for_sure else "," + key), *self.of(inner)]
            elif certain:
                optional = _sequence((_Literal("," + key), *self.of(inner)))
                items.append(_Raw(self.shared(f'{optional} | ""', "maybe")))
            else:  # nothing before it is certain, so neither is the comma: require it
                comma = "" if first_for_sure else ","
                items += [_Literal(comma + key), *self.of(inner)]
                required.add(name)
        return (*items, _Literal("}"))

    def _array(self, schema: Schema) -> _Items:
        least, most = schema.get("minItems", 0), schema.get("maxItems", 20)
        if most == 0:
            return (_Literal("[]"),)
        leading = schema.get(LEADING)
        if leading:
            last = self.named(self.of(schema["items"]), "item")
            before = self.named(self.of(leading), "leading")
            more = self.shared(f'{before} ","', "more")
            body = f"{more}{{{max(0, least - 1)},{most - 1}}} {last}" if most > 1 else last
        else:
            length = min(self._longest, max(_ITEM, _ITEMS * self._longest // most))
            last = self._within(length, schema["items"], "item")
            more = self.shared(f'"," {last}', "more")
            body = f"{last} {more}{{{max(0, least - 1)},{most - 1}}}" if most > 1 else last
        body = self.shared(body if least else f'{body} | ""', "list")
        return (_Literal("["), _Raw(body), _Literal("]"))

    def _within(self, length: int, schema: Schema, stem: str) -> str:
        """A rule for what matches the schema with texts no longer than this: an answer's texts
        together have to fit into its room."""
        whole, self._longest = self._longest, length
        name = self.named(self.of(schema), stem)
        self._longest = whole
        return name

    def _string(self, schema: Schema) -> str:
        """Up to half of its length at most before the first escape, so that all fits."""
        least, limit = schema.get("minLength", 0), schema.get("maxLength", TEXT_LENGTH)
        most = max(1, min(self._longest, limit // 2))
        specials = max(1, min(most // _A_SPECIAL, _SPECIALS))
        rest = (limit - most - least) // specials - _SPECIAL_LENGTH
        if "special" not in self._bodies:
            self.add("escaped", '["\\\\/bfnrt] | "u" [0-9a-fA-F]{4}')
            self.add("untagged", _untagged())
            self.add("special", '"\\\\" escaped | "<" "/"? " "? untagged')
        plain = f"[^{_NOT_PLAIN}]"
        after = self._run(plain, max(0, min(most, most * most // _AFTER, rest)))
        end = f'{self._run(plain, most)} (special {after}){{0,{specials}}} "\\""'
        end = self.shared(end, "ending")
        return self.shared(
            f'"\\"" ({plain} | special) {end}' if least else f'"\\"" {end}', "string"
        )

    def _number(self, schema: Schema, *, whole: bool) -> str:
        low, high = _bounds(schema)
        if low is not None and high is not None and high - low < _ENUMERATED:
            numbers = [(_Literal(str(n)),) for n in range(low, high + 1)]
            return self._alternatives(numbers, "number").text
        sign = '"-"? ' if low is None or low < 0 else ""
        digits = f'{sign}("0" | [1-9] [0-9]{{0,14}})'
        return self.shared(digits if whole else f'{digits} ("." [0-9]{{1,6}})?', "number")

    def _any(self, depth: int) -> str:
        """JSON of any form, nested at most so deep."""
        simple = f'{self._string({})} | {self._number({}, whole=False)} | "true" | "false" | "null"'
        if depth == 0:
            return self.shared(simple, "value")
        inner = self._any(depth - 1)
        more = self.shared(f'"," {inner}', "more")
        array = f'"[" ({inner} {more}{{0,30}})? "]"'
        return self.shared(f"{simple} | {self._any_object(depth)} | {array}", "value")

    def _any_object(self, depth: int) -> str:
        key = self._string({})
        field = self.shared(f'{key} ":" {self._any(depth - 1)}', "field")
        more = self.shared(f'"," {field}', "more")
        return self.shared(f'"{{" ({field} {more}{{0,30}})? "}}"', "object")


def _untagged() -> str:
    """What may follow `<` in a text of the output: all that begins no tag of the protocol."""
    parts = [f"[^{_NOT_PLAIN}|/ tTrRoO]"]
    for tag in ("thi", "ref", "out"):
        first, second, third = (letter + letter.upper() for letter in tag)
        after = f"[^{_NOT_PLAIN}{second}] | [{second}] [^{_NOT_PLAIN}{third}]"
        parts.append(f"[{first}] ({after})")
    return " | ".join(parts)


def _bounds(schema: Schema) -> tuple[int | None, int | None]:
    low = schema.get("minimum")
    if low is None and "exclusiveMinimum" in schema:
        low = math.floor(schema["exclusiveMinimum"]) + 1
    high = schema.get("maximum")
    if high is None and "exclusiveMaximum" in schema:
        high = math.ceil(schema["exclusiveMaximum"]) - 1
    return None if low is None else math.ceil(low), None if high is None else math.floor(high)


def _tree(options: Sequence[_Items]) -> str:
    """An alternative of all options in which no two begin with the same character."""
    return " | ".join(_branches(list(dict.fromkeys(options))))


def _branches(options: Sequence[_Items]) -> Iterator[str]:
    groups: dict[str, list[_Items]] = {}
    for items in options:
        first = items[0] if items else _Literal("")
        start = first.text[:1] if isinstance(first, _Literal) else f"rule {first.text}"
        groups.setdefault(start, []).append(items)
    for group in groups.values():
        if len(group) == 1:
            yield _sequence(group[0])
            continue
        common = _common_start([items[0].text for items in group])
        rests = [_without(items, len(common)) for items in group]
        literal = isinstance(group[0][0], _Literal)
        yield f"{_quoted(common) if literal else common} ({_tree(rests)})"


def _common_start(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    return first[: next((n for n, c in enumerate(first) if last[n : n + 1] != c), len(first))]


def _without(items: _Items, length: int) -> _Items:
    rest = items[0].text[length:]
    return (_Literal(rest), *items[1:]) if rest else items[1:]


def _sequence(items: _Items) -> str:
    """The items one after the other; literals that meet are joined."""
    joined: list[_Literal | _Raw] = []
    for item in items:
        before = joined[-1] if joined else None
        if isinstance(item, _Literal) and isinstance(before, _Literal):
            joined[-1] = _Literal(before.text + item.text)
        else:
            joined.append(item)
    return " ".join(_quoted(i.text) if isinstance(i, _Literal) else i.text for i in joined) or '""'


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
