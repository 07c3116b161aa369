"""Training goes on with clean data only: a sample of the generator, checked once a version."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path

import training
from training.conversation import Conversation, ConversationSource, Stage
from training.decontamination.evaluation import evaluation
from training.decontamination.overlap import Overlap
from training.decontamination.paraphrase import nearest
from training.decontamination.text import task_of
from training.decontamination.wording import Wording

FOLDER = Path("build/decontamination")
SAMPLE: dict[Stage, int] = {"small_pages": 400, "full": 600}
SEED = 20_261_127
SHOWN = 3


def require_clean(source: ConversationSource, folder: Path = FOLDER) -> None:
    """Return if a sample of these conversations is clean, else leave with one sentence.

    A version of the generator is checked once: what was found clean is remembered in `folder`.
    """
    seal = folder / f"clean-{generator_digest()}.json"
    if seal.exists():
        return
    sample = [one for stage, count in SAMPLE.items() for one in islice(source(stage, SEED), count)]
    print(f"decontamination: checking {len(sample)} conversations of this generator, once")
    refuse(overlaps(sample, folder))
    seal.parent.mkdir(parents=True, exist_ok=True)
    seal.write_text(json.dumps({"conversations": len(sample)}))


def overlaps(conversations: Sequence[Conversation], folder: Path = FOLDER) -> list[Overlap]:
    """What these conversations share with an evaluation, on all levels, each once."""
    judged = evaluation(folder)
    found = list(Wording(judged).found_in(conversations))
    tasks = [task for task in map(task_of, conversations) if task]
    found += [overlap for one in nearest(judged, tasks) if (overlap := one.overlap())]
    return list(dict.fromkeys(found))


def require_clean_wording(conversations: Iterable[Conversation], folder: Path = FOLDER) -> None:
    """Leave with one sentence if words, labels or tasks of an evaluation are in these."""
    refuse(list(dict.fromkeys(Wording(evaluation(folder)).found_in(conversations))))


def refuse(found: Sequence[Overlap]) -> None:
    """Leave with one sentence if anything was found."""
    if found:
        named = "; ".join(map(str, found[:SHOWN]))
        more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise SystemExit(f"The training data holds what the model is judged on: {named}{more}.")


def generator_digest() -> str:
    """A digest of the sources in training/, which make the data and check it."""
    digest = sha256()
    home = Path(training.__file__).parent
    for path in sorted(home.rglob("*.py")):
        digest.update(str(path.relative_to(home)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
