"""Chores: short tasks on one small page, told in the page's own terms.

An errand (`training.tasks`) is what somebody wants of a whole site. A chore says what to do with
what is on the page: press this, tick those, find the mail by Ann and delete it. Some are worded
like the MiniWoB++ tasks that may be trained on (`shared/miniwob_public.txt`), the others are not.
"""

import random

from training.chores import controls, mail, panels, reading
from training.chores.asking import ask
from training.conversation import Conversation

FAMILIES = {
    controls.press: 10,
    controls.tick: 9,
    controls.untick: 1,
    controls.choose: 8,
    controls.fill: 8,
    controls.labelled: 4,
    controls.login: 3,
    controls.focus: 2,
    controls.nth: 4,
    controls.pause: 2,
    controls.of_row: 5,
    controls.drag: 3,
    panels.switch: 4,
    panels.search: 9,
    panels.expand: 4,
    panels.menu: 5,
    panels.dialog: 4,
    mail.mark: 5,
    mail.answer: 7,
    mail.forward: 6,
    reading.look_up: 6,
    reading.copied: 4,
    reading.sums: 3,
    reading.suggested: 7,
    reading.date: 9,
    reading.form_of: 4,
}
"""How often each family is drawn, against the others."""


def chore(rng: random.Random, *, scattered: bool) -> Conversation | None:
    """A question about some chore, with its answer; None if that draw failed."""
    (family,) = rng.choices(list(FAMILIES), weights=list(FAMILIES.values()))
    return ask(family, rng, scattered=scattered)
