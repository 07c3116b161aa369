"""The stream of conversations that the model is trained on, stage by stage.

`conversations("small_pages", seed)`: short pages, plans of few steps, several steps asked after
one page. `conversations("full", seed)`: prompts as the loop sends them. The same stage and seed
always give the same stream.

    python -m training.curriculum        prints a sample of every kind
"""

import random
import sys
from collections.abc import Callable, Iterator, Sequence

from agent.context import decide_prompt, finish_prompt, reflect_prompt
from training import teacher
from training.chores import chore
from training.conversation import Conversation, Stage, Turn
from training.decontamination.shop import forbidden_words
from training.decontamination.text import words_of
from training.journeys import Journey, Moment
from training.pages import View, look
from training.plans import plan_conversation, replan_conversation
from training.tasks import Drafter
from training.wants import Want

LONGEST = 5200
"""Characters of a conversation, about 1,300 tokens; longer ones are drawn anew."""

CHORES = 0.45
"""The share of chores among complete prompts; they are short, so it is a quarter of the tokens."""

DRAWS = 30
"""A draw may fail (that journey has no such moment); so often it is tried."""


def conversations(stage: Stage, seed: int) -> Iterator[Conversation]:
    """An endless, deterministic stream. Raises ValueError for a stage without conversations."""
    draw: Callable[[random.Random], Conversation | None]
    if stage == "small_pages":
        draw = small_page
    elif stage == "full":
        draw = full
    else:
        raise ValueError(f"the stage {stage} has no conversations")
    rng = random.Random(f"{stage} {seed}")
    while True:
        conversation = draw(random.Random(rng.getrandbits(64)))
        if conversation and _fits(conversation):
            yield conversation


def _fits(conversation: Conversation) -> bool:
    """Whether it is short enough, and has no word of the demo shop put together by chance."""
    text = "\n".join(turn.content for turn in conversation)
    return len(text) <= LONGEST and forbidden_words().isdisjoint(words_of(text))


def small_page(rng: random.Random) -> Conversation | None:
    """A short page and several questions about it; or a short plan, a failure, a finish."""
    draw = rng.random()
    if draw < 0.12:
        return plan_conversation(rng, most=5, scattered=True)
    most = rng.choice((2, 3, 3, 4, 4, 5, 6))
    lines = rng.randint(0, 4)
    if draw < 0.7:
        return _first(lambda: _decide(rng, most, lines, turns=rng.randint(1, 4), scattered=True))
    if draw < 0.93:
        return _first(lambda: _failure(rng, most, lines, scattered=True))
    return _first(lambda: _finish(rng, most, lines, scattered=True))


def full(rng: random.Random) -> Conversation | None:
    """A complete prompt of the loop with its answer, on an errand or a chore."""
    scattered = rng.random() < 0.5
    if rng.random() < CHORES:
        return _first(lambda: chore(rng, scattered=scattered))
    draw = rng.random()
    lines = rng.choice((2, 5, 8, 12, 20, 30))
    most = rng.choice((2, 3, 4, 6, 8, 10, 12, 14, 14, 14))
    if draw < 0.22:
        return plan_conversation(rng, most=rng.choice((3, 6, 8, 10, 14, 14)), scattered=scattered)
    if draw < 0.24:
        return _first(lambda: replan_conversation(rng, most=most, scattered=scattered))
    if draw < 0.72:
        turns = 1 if rng.random() < 0.5 else rng.randint(2, 4)
        return _first(lambda: _decide(rng, most, lines, turns=turns, scattered=scattered))
    if draw < 0.92:
        return _first(lambda: _failure(rng, most, lines, scattered=scattered))
    return _first(lambda: _finish(rng, most, lines, scattered=scattered))


def _first(draw: Callable[[], Conversation | None]) -> Conversation | None:
    """The first conversation that comes out of some draws, so that every kind keeps its share."""
    return next((made for made in (draw() for _ in range(DRAWS)) if made), None)


def _journey(rng: random.Random, most: int, lines: int, trouble: float) -> Journey:
    errand = Drafter(rng).errand(most)
    return Journey(rng, errand, lines=lines, trouble=trouble)


def _pick(rng: random.Random, journey: Journey, fits: Callable[[Moment], bool]) -> Moment | None:
    """A moment that fits, drawn evenly from those of a journey; the journey stops there.

    None if the draw fell behind the last one.
    """
    chosen = rng.randrange(len(journey.errand.wants) + len(journey.stops))
    for moment in journey.moments():
        if fits(moment):
            if chosen <= 0:
                return moment
            chosen -= 1
    return None


def _decide(
    rng: random.Random, most: int, lines: int, *, turns: int, scattered: bool
) -> Conversation | None:
    journey = _journey(rng, most, lines, rng.choice((0, 0, 0.08)))
    leads_on = rng.random() < 0.45

    def fits(moment: Moment) -> bool:
        plain = moment.question == "decide" and moment.reflection is None
        return plain and (not leads_on or moment.step not in moment.stop.spots)

    moment = _pick(rng, journey, fits)
    if moment is None:
        return None
    if rng.random() < 0.02:
        return _box(rng, journey, moment, scattered)
    view = look(moment.page, rng, scattered=scattered, tall=rng.random() < 0.7)
    made = [Turn("user", _prompt(journey, moment, view)), Turn("assistant", moment.reply(view))]
    if turns > 1:
        made += _more_turns(rng, journey, moment, view, turns - 1)
    return tuple(made)


def _more_turns(
    rng: random.Random, journey: Journey, moment: Moment, view: View, count: int
) -> Iterator[Turn]:
    """Other steps asked about the same page, in the last lines of a prompt only."""
    steps = [n for n in range(len(journey.plan)) if n != moment.step]
    rng.shuffle(steps)
    here = [n for n in steps if n in moment.stop.spots]
    away = [n for n in steps if n not in moment.stop.spots]
    for _ in range(count):
        source = here if here and (rng.random() < 0.55 or not away) else away
        if not source:
            return
        step = source.pop()
        answer = _answer(journey, moment, view, step)
        if answer is None:
            continue
        asked = journey.plan[step]
        yield Turn("user", f"Step {step + 1}: {asked.do}\nThink carefully.")
        yield Turn("assistant", answer)


def _answer(journey: Journey, moment: Moment, view: View, step: int) -> str | None:
    want: Want = journey.errand.wants[step]
    stop = moment.stop
    if step in stop.spots:
        spot = stop.spots[step]
        return None if spot.blocked else teacher.act(view, spot)
    if want.kind == "send" and stop.line is not None:
        return teacher.confirmed(view, want, stop.line)
    if stop.way is None:
        return None
    return teacher.go_on(view, want, stop.way)


def _box(rng: random.Random, journey: Journey, moment: Moment, scattered: bool) -> Conversation:
    """The browser asks something before anything else can be done."""
    words = journey.site.layout.words
    box = rng.choice(("alert", "confirm", "beforeunload"))
    moment.page.dialog = f"{box}: {words.sentence(6)}"
    view = look(moment.page, rng, scattered=scattered)
    prompt = _prompt(journey, moment, view)
    return (Turn("user", prompt), Turn("assistant", teacher.accept_dialog()))


def _failure(rng: random.Random, most: int, lines: int, *, scattered: bool) -> Conversation | None:
    """A reflection, the decision after one, or a decision where reflection is switched off."""
    journey = _journey(rng, most, lines, rng.choice((0, 0.05, 0.2)))
    steps = range(len(journey.plan))
    second = [n for n in steps if journey.errand.wants[n].other]
    journey.mishap = rng.choice(second) if second and rng.random() < 0.6 else rng.choice(steps)
    draw = rng.random()
    if draw > 0.92:
        return _stubborn(rng, journey, scattered)
    passed = rng.random() < 0.1  # over the first that fits: a second failure may come
    for moment in journey.moments():
        if moment.step < journey.mishap or moment.question == "finish":
            continue
        asks = moment.question == "reflect"
        if (asks and draw < 0.46) or moment.reflection or moment.answers:
            if passed:
                passed = False
                continue
            view = look(moment.page, rng, scattered=scattered, tall=rng.random() < 0.7)
            prompt = _prompt(journey, moment, view)
            return (Turn("user", prompt), Turn("assistant", moment.reply(view)))
    return None


def _stubborn(rng: random.Random, journey: Journey, scattered: bool) -> Conversation | None:
    """A failure without a reflection: the step's target once more."""
    walk = journey.moments()
    moment = next((m for m in walk if m.question == "reflect" and m.step >= journey.mishap), None)
    if moment is None:
        return None
    view = look(moment.page, rng, scattered=scattered)
    boxed = bool(moment.page.dialog)
    answer = teacher.accept_dialog() if boxed else _answer(journey, moment, view, moment.step)
    if answer is None:
        return None
    moment.question = "decide"
    return (Turn("user", _prompt(journey, moment, view)), Turn("assistant", answer))


def _finish(rng: random.Random, most: int, lines: int, *, scattered: bool) -> Conversation | None:
    """Is the task done? Half of the time it is not."""
    journey = _journey(rng, most, lines, rng.choice((0, 0.05)))
    if rng.random() < 0.5:
        moment = next((m for m in journey.moments() if m.question == "finish"), None)
        if moment is None:
            return None
        view = look(moment.page, rng, scattered=scattered)
        answer = moment.reply(view)
    else:
        moment = _pick(rng, journey, lambda m: m.question == "decide" and m.reflection is None)
        if moment is None or moment.stop.line is not None:
            return None
        if rng.random() < 0.5:
            stop = journey.site.undone()
            moment.page, moment.stop = stop.page, stop
            line = stop.line
        else:
            alerts = [w for w in moment.page.walk() if w.kind == "alert"]
            targets = [spot.target for spot in moment.stop.spots.values()]
            line = next((w for w in (*alerts, moment.stop.way, *targets) if w), None)
        if line is None:
            return None
        view = look(moment.page, rng, scattered=scattered)
        answer = teacher.unfinished(view, line)
    plan, attempts = journey.plan, moment.attempts
    prompt = finish_prompt(journey.errand.task, plan, attempts, view.observation)
    return (Turn("user", prompt.user), Turn("assistant", answer))


def _prompt(journey: Journey, moment: Moment, view: View) -> str:
    task, plan = journey.errand.task, journey.plan
    if moment.question == "reflect":
        return reflect_prompt(task, plan, moment.step, moment.attempts, view.observation).user
    return decide_prompt(
        task,
        plan,
        moment.step,
        moment.attempts,
        view.observation,
        moment.reflection,
        answers=moment.answers,
    ).user


def main(arguments: Sequence[str]) -> None:
    """Print conversations: `python -m training.curriculum [stage] [count] [seed]`."""
    stages: tuple[Stage, ...] = ("small_pages", "full")
    chosen = [stage for stage in stages if not arguments or stage == arguments[0]]
    count = int(arguments[1]) if len(arguments) > 1 else 5
    seed = int(arguments[2]) if len(arguments) > 2 else 0
    for stage in chosen:
        source = conversations(stage, seed)
        for number in range(count):
            print(f"\n######## {stage} {number}")
            for turn in next(source):
                print(f"--- {turn.role}\n{turn.content}")


if __name__ == "__main__":
    main(sys.argv[1:])
