"""The events of one made-up run, in order, for tests of what people and machines are shown."""

from agent.answers import Strategy
from agent.events import (
    ActionTaken,
    Answered,
    AnyEvent,
    ApprovalGiven,
    ApprovalNeeded,
    Decided,
    Finished,
    Judged,
    Observed,
    Piece,
    Planned,
    Question,
    Reflected,
    Started,
    StepDone,
    StepUndone,
    UsageNow,
    Waiting,
)
from agent.state import Step, Usage
from tools.causes import Cause, Verdict

RUN = "20261124-funghi-x7"
FOLDER = f"/home/ann/.local/share/secondlook/runs/{RUN}"
EVIL = "\x1b[31mred\x1b]0;title\x07 [bold]Funghi[/bold] \x9b2J\u202e"
WIDE = "在购物车中添加一个大号披萨并且确认地址和支付方式然后提交订单"
COVERED = Verdict(cause=Cause.COVERED, evidence=f"dialog Cookies {EVIL} covers it")
COSTS = Usage(steps=3, seconds=12.5, prompt_tokens=4000, answer_tokens=321, model_calls=5)


def steps(number: int = 3) -> list[Step]:
    """A plan of so many steps, the first with a hostile name, the second very long."""
    names = [f"Open {EVIL}", f"Choose {WIDE * 3}", *(f"Step {i}" for i in range(number))]
    return [Step(do=name) for name in names[:number]]


def whole_run(number_of_steps: int = 3) -> list[AnyEvent]:
    """A run that fails once, reflects, asks, is approved and ends well: every kind of event."""
    said = f"click button Order {EVIL}"
    plan = steps(number_of_steps)
    return [
        Started(run=RUN, task=f"Order {EVIL}", url="http://shop.test/", folder=FOLDER),
        Observed(run=RUN, url="http://shop.test/", title=EVIL, notices=[f"popup {EVIL}"]),
        Piece(run=RUN, question="plan", piece="thinking", text=f"Menu {EVIL}"),
        Planned(run=RUN, steps=plan),
        UsageNow(run=RUN, usage=COSTS),
        Waiting(run=RUN, reason="the endpoint answers 429", seconds=2),
        Piece(run=RUN, question="decide", piece="thinking", text=f"{WIDE} " * 40),
        Decided(run=RUN, step=0, actions=[said], completes_step=True, thinking=f"{EVIL} " * 40),
        ApprovalNeeded(run=RUN, said=said, what=f"button Order {EVIL}", reason="it orders"),
        ApprovalGiven(run=RUN, decision="yes"),
        ActionTaken(run=RUN, number=1, step=0, said=said, effect="commit"),
        Judged(run=RUN, number=1, step=0, said=said, verdict=COVERED),
        Piece(run=RUN, question="reflect", piece="reflection", text="The dialog lies over it"),
        Reflected(
            run=RUN,
            attempt=1,
            cause=Cause.COVERED,
            evidence=COVERED.evidence,
            diagnosis=f"The dialog lies over the button {EVIL}",
            strategy=Strategy.DO_SOMETHING_FIRST,
            advice="click Accept all[e2]",
        ),
        Question(run=RUN, question=f"Which size {EVIL}?"),
        Answered(run=RUN, question="Which size?", answer="Large"),
        Judged(run=RUN, number=2, step=0, said=said, verdict=Verdict(evidence="heading Thanks")),
        StepDone(run=RUN, step=0, do=plan[0].do, evidence=f"heading Thanks {EVIL}"),
        StepUndone(run=RUN, step=0, do=plan[0].do, reason="the page was left"),
        StepDone(run=RUN, step=0, do=plan[0].do, evidence="heading Thanks"),
        Planned(run=RUN, steps=[plan[0].model_copy(update={"done": True})], replanned=True),
        Finished(
            run=RUN,
            status="done",
            answer=f"Ordered.\nThanks {EVIL}",
            evidence=[f"heading Thank you {EVIL}"],
            folder=FOLDER,
            usage=COSTS,
        ),
    ]
