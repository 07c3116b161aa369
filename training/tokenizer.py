"""The bundled model's tokenizer: byte-level BPE that cuts a word the same way in any dress.

The model lives by copying from the page, and copying works token by token. A page says
"Size" where the task says "size", so both must fall into parallel pieces. Therefore:

- Merges are learned on lower-case words only, then each merge that starts a word is mirrored
  for the capitalised word.
- Merges that attach the space before a word come last, so that they never change how the
  word itself is cut.
- Digits are never merged: numbers are copied digit by digit.
- A ref such as "[e12]", brackets included, is one token, and so is each protocol tag.

`families` tells which tokens are one word piece in different dress; `training.model` starts
their embeddings close together.

Pre-tokenisation is GPT-2's, which llama.cpp knows as `gpt-2` and vLLM through `tokenizers`.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers.models import BPE

from training.conversation import Conversation

CONTROL = (
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
)
TAGS = (
    "<thinking>",
    "</thinking>",
    "<reflection>",
    "</reflection>",
    "<output>",
    "</output>",
    "<page>",
    "</page>",
)
MAX_REFS = 300
REFS = tuple(f"[e{number}]" for number in range(1, MAX_REFS + 1))
_REF_SET = frozenset(REFS)
VOCABULARY = 6144

SPACE, NEWLINE = "Ġ", "Ċ"  # how byte-level BPE writes " " and "\n"

# Words of the observation format and of the protocol: each must be one token.
FORMAT_WORDS = """
task plan history page step think carefully done when failed reflection lesson tabs notice
dialog open list the steps that remain what went wrong is changed user said ok
action actions ref text option completes true false checked disabled expanded required invalid
focused below above do expect diagnosis strategy advice evidence answer retry differently
something first replan ask give up click fill type select check press hover scroll drag tick
finish navigate back forward wait read look question key url direction down left right
button link textbox searchbox combobox listbox radio checkbox switch slider spinbutton tab
menuitem heading listitem listitem paragraph alert dialog img text row cell table status
not found visible covered detached navigated away navigation timeout no effect wrong value
blocked by policy browser gone malformed loop user assistant https example com
""".split()

# Words that stand on controls everywhere on the web; likewise.
INTERFACE_WORDS = """
add open close save delete remove edit update cancel submit send continue next previous more less
show hide view choose set enter put start stop log sign out up register account profile settings
search filter sort email password name address street city phone number date time price total
quantity size small medium large color cart menu home help contact accept reject all yes free new
order pay payment card delivery checkout message title description category country language
agree terms cookies need needs line page before after then with for
""".split()

# Punctuation that the protocol and the observation write in one run, short ones first.
PUNCTUATION = (
    *('{"', '":', '":"', '","', '"}', '"},', '"},{"', '":[', '":["', '":[{"', '":{"', '"]'),
    *('"],"', '"]}', '"}]', '"}],"', '"}]}', "],", "]}", '],"', ',"', "},", '},{"', "}]", '}],"'),
    *(": ", "):", "),", ").", "..", "...", "://", "--", "Ġ(", "Ġ|", "Ġ-", "Ġ:", "Ġ*", "Ġ$", "Ġ£"),
    *("Ġ/", "Ġ#", "Ġ+", "Ġ&", 'Ġ"', 'Ġ{"', "Ġ{{", "{{", "}}", '{{"', '}}"', "Ċ Ġ", "Ċ Ġ Ġ"),
    *("Â£", "âĤ¬", "âĢ¦", "ĠâĤ¬", "ĠÂ£", "âĢĵ", "ĠâĢĵ", "Â·", "ĠÂ·", "âĢº", "âĢ¹"),
)


_PLAN = re.compile(r"(?<=\nPlan:\n)(?:\d+\. .*\n)+")


def chat(conversation: Conversation) -> Iterator[tuple[str, bool]]:
    """The text of a conversation in pieces; True marks what a loss is taken on.

    That is what the model is to write itself, and the plan that a question repeats: it follows
    from the task before it, so every question teaches planning too.
    """
    yield CONTROL[0], False
    for turn in conversation:
        yield f"<|start_header_id|>{turn.role}<|end_header_id|>\n\n", False
        plan = _PLAN.search(turn.content) if turn.role == "user" else None
        if plan is None:
            yield f"{turn.content}<|eot_id|>", turn.role == "assistant"
        else:
            yield turn.content[: plan.start()], False
            yield plan[0], True
            yield f"{turn.content[plan.end() :]}<|eot_id|>", False


# llama.cpp asks whether a template reads a system message's content, and where it does not,
# puts that content into the first user message itself. Hence `content` is read for all.
CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{#- System messages are left out: this model was trained with its instructions;"
    " they are in its weights. -#}"
    "{%- for message in messages -%}"
    "{%- set content = message['content'] | string -%}"
    "{%- if message['role'] != 'system' -%}"
    "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'"
    " + content + '<|eot_id|>' }}"
    "{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt -%}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}"
    "{%- endif -%}"
)


def words() -> dict[str, int]:
    """Lower-case words with the number of times that the merge learner sees each.

    English by the square root of its frequency, so that rare words shape merges too; names
    and places from faker; the words of our own format often enough to become one token each.
    """
    import wordfreq
    from faker.providers.address.en_US import Provider as Address
    from faker.providers.person.en_US import Provider as Person

    counts: dict[str, int] = {}
    for word in wordfreq.top_n_list("en", 30_000):
        if word.isascii() and word.isalpha():
            counts[word] = math.ceil(4 * wordfreq.word_frequency(word, "en") ** 0.5 * 2000)
    names: Iterable[str] = (
        *Person.first_names,
        *Person.last_names,
        *Address.street_suffixes,
        *Address.city_suffixes,
        *Address.states,
    )
    for name in names:
        for word in name.lower().split():
            if word.isascii() and word.isalpha():
                counts[word] = counts.get(word, 0) + 20
    for word in (*FORMAT_WORDS, *INTERFACE_WORDS):
        counts[word] = counts.get(word, 0) + 4000
    return counts


def learned_merges(limit: int) -> list[tuple[str, str]]:
    """Merges learned on lower-case words without a space, most useful first."""
    learner = Tokenizer(BPE())
    learner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(vocab_size=limit, show_progress=False)
    lines = (" ".join([word] * count) for word, count in sorted(words().items()))
    learner.train_from_iterator(lines, trainer)
    merges = json.loads(learner.to_str())["model"]["merges"]
    return [(left, right) for left, right in merges]


def _cut(word: str, ranks: dict[tuple[str, str], int]) -> tuple[list[str], list[tuple[str, str]]]:
    """The pieces of a word under these merges, and the merges that made its first piece."""
    pieces = list(word)
    first: list[tuple[str, str]] = []
    while len(pieces) > 1:
        pairs = [(ranks.get(pair, math.inf), at) for at, pair in enumerate(_pairs(pieces))]
        rank, at = min(pairs)
        if rank == math.inf:
            break
        if at == 0:
            first.append((pieces[0], pieces[1]))
        pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
    return pieces, first


def _pairs(pieces: list[str]) -> Iterator[tuple[str, str]]:
    return pairwise(pieces)


def _assemble(lower: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """All merges in order: words, their capitalised mirrors, punctuation, then spaces."""
    ranks = {pair: rank for rank, pair in enumerate(lower)}
    starts: set[tuple[str, str]] = set()
    for word in words():
        starts.update(_cut(word, ranks)[1])
    merges: list[tuple[str, str]] = []
    for left, right in lower:
        merges.append((left, right))
        if (left, right) in starts:
            merges.append((left.capitalize(), right))
    openings = {left + right for left, right in starts} | set("abcdefghijklmnopqrstuvwxyz")
    openings |= {opening.capitalize() for opening in openings}
    for run in PUNCTUATION:
        run = run.replace(" ", "")
        pieces, _ = _cut(run, {pair: rank for rank, pair in enumerate(merges)})
        while len(pieces) > 1:
            merges.append((pieces[0], pieces[1]))
            pieces[:2] = [pieces[0] + pieces[1]]
    return merges + [(SPACE, opening) for opening in sorted(openings | set("0123456789"))]


def build(size: int = VOCABULARY) -> Tokenizer:
    """Make the tokenizer from nothing. `size` bounds the vocabulary, refs and tags included."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    added = len(CONTROL) + len(TAGS) + len(REFS)
    learned = learned_merges(size)
    low, high = 0, len(learned)
    while low < high:  # the most merges whose mirrors still fit
        middle = (low + high + 1) // 2
        merges = _assemble(learned[:middle])
        needed = len({*alphabet, *(left + right for left, right in merges)}) + added
        low, high = (middle, high) if needed <= size else (low, middle - 1)
    merges = _assemble(learned[:low])
    tokens = list(dict.fromkeys([*alphabet, *(left + right for left, right in merges)]))
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in CONTROL])
    tokenizer.add_tokens([AddedToken(t, normalized=False) for t in (*TAGS, *REFS)])
    return tokenizer


def load(path: Path) -> Tokenizer:
    """The tokenizer in this file; raises FileNotFoundError if it was not built yet."""
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: run `python -m training make` first")
    return Tokenizer.from_file(str(path))


def id_of(tokenizer: Tokenizer, token: str) -> int:
    """The number of a token that must be there; raises KeyError if it is not."""
    number = tokenizer.token_to_id(token)
    if number is None:
        raise KeyError(f"{token} is not in the vocabulary: the tokenizer was built by other code")
    return int(number)


def encode(tokenizer: Tokenizer, conversation: Conversation) -> tuple[list[int], list[bool]]:
    """The tokens of a conversation, and for each whether the loss is taken on it."""
    ids: list[int] = []
    own: list[bool] = []
    for text, mine in chat(conversation):
        piece = tokenizer.encode(text, add_special_tokens=False).ids
        ids += piece
        own += [mine] * len(piece)
    return ids, own


@dataclass(frozen=True)
class Trait:
    """What a token is beside its family: its dress, and the class of those that are no words."""

    spaced: bool = False
    capital: bool = False
    kind: Literal["word", "digit", "ref", "other"] = "other"


def traits(tokenizer: Tokenizer) -> list[Trait]:
    """The traits of every token."""
    return [_trait(tokenizer.id_to_token(n) or "") for n in range(tokenizer.get_vocab_size())]


def _trait(token: str) -> Trait:
    bare = token.removeprefix(SPACE) if token != SPACE else token
    spaced = bare != token
    if token in _REF_SET:
        return Trait(kind="ref")
    if bare.isdecimal():
        return Trait(spaced, kind="digit")
    if bare.isascii() and bare.isalpha():
        return Trait(spaced, capital=bare[0].isupper(), kind="word")
    return Trait(spaced)


def families(tokenizer: Tokenizer) -> list[int]:
    """For each token the family it belongs to: equal numbers differ only in case or space."""
    number: dict[str, int] = {}
    result = []
    for token_id in range(tokenizer.get_vocab_size()):
        token = tokenizer.id_to_token(token_id) or ""
        bare = token.removeprefix(SPACE) if token != SPACE else token
        key = bare.lower() if bare.isascii() and bare.isalpha() else bare
        result.append(number.setdefault(key, len(number)))
    return result
