"""Errands: what somebody wants on a web site, as a sentence and as the steps of a plan.

The steps follow the sentence word by word and in its order: `Choose X`, `Set LABEL to VALUE`
(`… or OTHER` where the sentence names a second choice), `Press X`, and `Send it off` last when
the errand is one that ends in a confirmation.
"""

import random
from dataclasses import replace

from training.phrasing import Style, lower, upper
from training.wants import SEND, Errand, Want, Wishes

_SENDING = (
    "Order|Book|Reserve|Request|Buy|Rent|Hire|Register|Get|Purchase|Please order|Please book|"
    "Apply for|Sign up for|I would like to order|I want to book|I would like|I need|"
    "Could you reserve|Ask for|Place an order for|Subscribe to|Arrange|Send for|"
    "Please get me|Pre-order|Enrol in|Claim"
).split("|")
_LOOKING = (
    "Choose|Select|Pick|Open|Find|Take|Go to|Please choose|Look up|Please select|Switch to|"
    "Show me|Click on"
).split("|")
_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()


_EXTRAS_LEADS = (
    " with | with |, with |, extras |, plus |, add | including |, extras: | and |"
    ", together with |, also | (with |. Add |, and take "
).split("|")


_FORM_LEADS = (
    "Fill in the form: |Register me: |Sign me up with |Fill in |Enter |Register with |"
    "Send the form with |Complete the form: |Request a call back: |Apply with |"
    "Make a booking, |Please submit |Write to them: "
).split("|")


class Drafter:
    """Draws errands from one random source."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.wishes = Wishes(rng)
        self.words = self.wishes.words

    def errand(self, most: int = 14) -> Errand:
        """A task with at most `most` steps, `Send it off` included; no two are called alike."""
        while True:
            errand = self._errand(most)
            names = [(want.label or want.value).lower() for want in errand.wants]
            if len(set(names)) == len(names):
                return errand

    def _errand(self, most: int) -> Errand:
        rng = self.rng
        draw = rng.random()
        if draw < (0.8 if most > 12 else 0.62) and most >= 3:
            return self._purchase(most)
        if draw < 0.88:
            return self._form(most)
        return self._settings(most)

    # --- what is wanted

    # --- sentences

    def _purchase(self, most: int) -> Errand:
        rng = self.rng
        room = most - 2
        parts: list[list[Want]] = [[], [], [], [], []]
        if most > 12 and rng.random() < 0.5:  # one with everything
            parts[0] = [self.wishes.option() for _ in range(rng.choice((1, 2, 2, 3)))]
            parts[1] = self.wishes.extras(3)
            parts[2] = [self.wishes.count()]
            secret = rng.choice((1, 2, 2))
            room -= sum(len(part) for part in parts) + secret
            parts[3] = self.wishes.fields(min(room, rng.randint(3, 6)))
            parts[4] = self.wishes.fields(secret, secret=True)
            return self._sentence(parts)
        parts[0] = [self.wishes.option() for _ in range(min(room, rng.choice((0, 1, 1, 2, 2, 3))))]
        room -= len(parts[0])
        parts[1] = self.wishes.extras(room)
        room -= len(parts[1])
        if room and rng.random() < 0.45:
            parts[2] = [self.wishes.count()]
            room -= 1
        if room and rng.random() < 0.75:
            parts[3] = self.wishes.fields(min(room, rng.choice((1, 2, 3, 4, 5, 5, 6))))
            room -= len(parts[3])
        if room and rng.random() < 0.55:
            parts[4] = self.wishes.fields(min(room, rng.choice((1, 2, 2, 3))), secret=True)
        return self._sentence(parts)

    def _sentence(self, parts: list[list[Want]]) -> Errand:
        """Item, then options, extras and count in some order, then the form in some order."""
        rng = self.rng
        style = Style(rng)
        item = Want("choose", "item", self.wishes.item())
        if rng.random() < 0.08:
            item = Want("choose", "item", item.value, "", self.words.name(2))
        wants, lead = [item], rng.choice(_SENDING)
        text = f"{lead} {style.article(self.rng, item.value)}{style.quoted(item.value)}"
        if item.other:
            text += style.second(item.other)
        options, extras, count, address, secret = parts
        blocks = [options, extras, count]
        if rng.random() < 0.5:
            rng.shuffle(blocks)
        details: list[list[Want]] = [address, secret] if rng.random() < 0.9 else [secret, address]
        if rng.random() < 0.3:
            details = [[*details[0], *details[1]]]
        if rng.random() < 0.25:  # "... with A and B. Size: L, quantity: 2."
            blocks, details = [extras], [[*options, *count], *details]
            if rng.random() < 0.5:
                details = [[*details[0], *details[1]], *details[2:]]
        first = True
        for block in blocks:
            if not block:
                continue
            wants += block
            if block is extras:
                text += self._extras_text([w.value for w in extras], style)
            else:
                text += self._listed(block, style, first=first)
            first = False
        if not extras and rng.random() < 0.12:
            text += rng.choice((", no extras", ", nothing else", " without extras", ", no more"))
        text += rng.choice((".", ".", ".", ";", "!", ""))
        for block in details:
            if block:
                text = self._sentence_of(text, block, style)
                wants += block
        return Errand(text.strip(), (*wants, SEND))

    def _sentence_of(self, text: str, block: list[Want], style: Style) -> str:
        rng = self.rng
        if text[-1:].isalnum() or text[-1:] in "'\"":
            text += "."
        lead = rng.choice(("", "", "", "", "My details: ", "Use ", "Enter ", "Fill in ", "With "))
        lead = rng.choice((lead, lead, "Data: ", "The rest: ", f"For {self.words.word()}: "))
        body = self._listed(block, style, first=True).lstrip(",; ")
        for opening in ("with ", "and ", "in "):
            body = body.removeprefix(opening)
        if not lead and rng.random() < 0.7:
            label = block[0].label
            if body.startswith(label):
                block[0] = replace(block[0], label=upper(label))
                body = upper(body)
        return f"{text} {lead}{body}{rng.choice(('.', '.', '.', ''))}"

    def _extras_text(self, names: list[str], style: Style) -> str:
        rng = self.rng
        quoted = [style.quoted(name) for name in names]
        joint = rng.choice((" and ", " and ", ", ", " plus ", " & "))
        listed = quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + joint + quoted[-1]
        lead = rng.choice(_EXTRAS_LEADS)
        return f"{lead}{listed}" + (")" if lead.endswith("(with ") else "")

    def _listed(self, block: list[Want], style: Style, *, first: bool) -> str:
        """Labelled values one after the other."""
        rng = self.rng
        pieces = [self._labelled(want, style) for want in block]
        lead = rng.choice((", ", ", ", " with ", ", with ", "; ", " in ")) if first else ", "
        if lead == " in " and block[0].role == "count":
            lead = ", "
        joint = rng.choice((", ", ", ", ", ", "; ", ", and "))
        if len(pieces) == 1:
            return lead + pieces[0]
        last = rng.choice((" and ", ", ", ", and ", ", "))
        return lead + joint.join(pieces[:-1]) + (last if joint != "; " else "; ") + pieces[-1]

    def _labelled(self, want: Want, style: Style) -> str:
        rng = self.rng
        if want.role == "count" and want.label == "quantity" and rng.random() < 0.5:
            number = int(want.value)
            spelled = _NUMBER_WORDS[number] if rng.random() < 0.4 else want.value
            return f"{spelled} {rng.choice(('of them', 'pieces', 'of these'))}"
        text = style.pair(want.label, want.value)
        return text + style.second(want.other) if want.other else text

    def _form(self, most: int) -> Errand:
        rng = self.rng
        wants: list[Want] = self.wishes.fields(min(most - 1, rng.randint(1, 8)))
        if rng.random() < 0.4 and len(wants) < most - 1:
            wants.insert(rng.randint(0, len(wants)), self.wishes.option())
        style = Style(rng)
        lead = rng.choice(_FORM_LEADS)
        body = self._listed(wants, style, first=True).lstrip(",; ")
        for opening in ("with ", "in "):
            body = body.removeprefix(opening)
        ending = rng.choice(
            (".", ".", "", " and send it.", ". Then send it off.", ", then submit.")
        )
        sends = (ending[:1] in " ,." and len(ending) > 1) or not lead.startswith(
            ("Fill in ", "Enter ")
        )
        sends = sends or lead.startswith("Fill in the form")
        if len(wants) + sends > most:
            wants = wants[: most - 1]
        return Errand(lead + body + ending, (*wants, *([SEND] if sends else [])))

    def _settings(self, most: int) -> Errand:
        """A few things to set, choose or press, with nothing sent off at the end."""
        rng = self.rng
        style = Style(rng)
        count = min(most, rng.choice((1, 1, 1, 2, 2, 3, 3, 4)))
        wants, pieces = [], []
        for _ in range(count):
            want, piece = self._single(style)
            wants.append(want)
            pieces.append(piece)
        text = pieces[0]
        for piece in pieces[1:]:
            joint = rng.choice((", then ", " and ", ". ", "; ", ", and ", ". Then "))
            text += joint + (upper(piece) if joint == ". " else lower(piece))
        return Errand(text + rng.choice((".", ".", "")), tuple(wants))

    def _single(self, style: Style) -> tuple[Want, str]:
        rng, words = self.rng, self.words
        draw = rng.random()
        if draw < 0.35:
            want = self.wishes.option() if rng.random() < 0.6 else self.wishes.fields(1)[0]
            value = style.quoted(want.value)
            second = style.second(want.other) if want.other else ""
            label = style.named(want.label)
            form = rng.choice(
                ("Set {l} to {v}", "Change {l} to {v}", "Set the {l} to {v}", "Put {v} into {l}",
                 "Choose {v} for {l}", "Enter {v} as {l}", "Type {v} into {l}", "Make the {l} {v}",
                 "Select {v} as the {l}", "Fill {l} with {v}", "Write {v} in the {l} field")
            )  # fmt: skip
            return want, form.format(l=label, v=value) + second
        name = words.name(3)
        quoted = style.quoted(name)
        if draw < 0.65:
            form = rng.choice(("Press {}", "Click {}", "Push {}", "Click the {} button", "Hit {}",
                               "Press the button {}", "Tap {}"))  # fmt: skip
            return Want("press", "press", name), form.format(quoted)
        lead = rng.choice((*_LOOKING, "Tick", "Turn on", "Enable", "Check"))
        return Want("choose", "item", name), f"{lead} {rng.choice(('', '', 'the '))}{quoted}"
