"""Everything that the model is judged on, as texts to compare with."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import yaml

import tasks.workflow
from tasks.eval.miniwob import installed_pages
from tasks.eval.miniwob_lists import PUBLIC, UNSEEN
from training.decontamination.goals import miniwob_goals
from training.decontamination.shop import forbidden_words, shop_labels, shop_tasks, shown_in

SHOP_ORDERS = 60
"""Orders that are compared by their meaning; by their words all of them are."""

_EXAMPLES = Path(tasks.workflow.__file__).parent / "examples"
_CATALOGUES = ("contrib/admin", "contrib/auth")
_TEXT = re.compile(r'^msgid "(.+)"$', re.MULTILINE)
_SLOT = re.compile(r"%\(\w+\)\w|[\n{}]")


@dataclass(frozen=True)
class EvaluationTask:
    """A task that the model is judged on, in every wording in which it is put."""

    suite: str
    name: str
    goals: tuple[str, ...]


@dataclass(frozen=True)
class Evaluation:
    """What may not be met in training: tasks, texts of pages, words; and what may be."""

    unseen: tuple[EvaluationTask, ...]
    public: tuple[EvaluationTask, ...]
    labels: tuple[str, ...]
    words: frozenset[str]


@cache
def evaluation(folder: Path) -> Evaluation:
    """The demo shop, MiniWoB++ and the real application; goals are kept in `folder`."""
    goals = miniwob_goals(folder)
    orders = tuple(islice(shop_tasks(), SHOP_ORDERS))
    return Evaluation(
        unseen=(
            EvaluationTask("demo", "order", orders),
            *(EvaluationTask("miniwob", name, tuple(goals[name])) for name in UNSEEN),
            *_example_workflows(),
        ),
        public=tuple(EvaluationTask("miniwob", name, tuple(goals[name])) for name in PUBLIC),
        labels=(*shop_labels(), *_miniwob_labels(), *_application_labels()),
        words=forbidden_words(),
    )


def _example_workflows() -> Iterator[EvaluationTask]:
    for path in sorted(_EXAMPLES.glob("*.yaml")):
        workflow = yaml.safe_load(path.read_text())
        sentences = [step["do"] for step in workflow["steps"] if "do" in step]
        yield EvaluationTask("workflow", path.stem, (workflow["workflow"], *sentences))


def _miniwob_labels() -> Iterator[str]:
    """What only pages of unseen tasks show."""
    folder = installed_pages() / "miniwob"

    def shown(names: tuple[str, ...]) -> list[str]:
        return [text for name in names for text in shown_in((folder / f"{name}.html").read_text())]

    public = set(shown(PUBLIC))
    yield from (text for text in shown(UNSEEN) if text not in public)


def _application_labels() -> Iterator[str]:
    """The wording of Django's admin site, from the catalogues that its translators fill in."""
    found = find_spec("django")
    if found is None or found.origin is None:
        raise SystemExit(
            "The wording of Django's admin site is read from the package django: "
            "pip install --no-deps -r training/requirements.lock"
        )
    for part in _CATALOGUES:
        catalogue = Path(found.origin).parent / part / "locale/en/LC_MESSAGES/django.po"
        for text in _TEXT.findall(catalogue.read_text()):
            yield from (piece.strip() for piece in _SLOT.split(text))
