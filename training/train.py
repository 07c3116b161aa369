"""The training loop: four stages on two CPU cores, in five hours at 5,000 tokens/s.

Run it:  python -m training make            (from nothing to a GGUF file; resumes after a kill)
         python -m training train --until copy --out build/training
         python -m training train --from server/models/secondlook-mini    (more of "full" for it)

Everything is in this file, top to bottom: settings, the optimiser, one step, the loop.
One dial per stage: how many tokens it trains on (`Settings.stages`).
"""

import json
import math
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from rich.console import Console
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from training import tokenizer as tokens_of
from training.batches import HELD_OUT, Batch, conversation_batches, exercise_batches
from training.conversation import UNSPOKEN, ConversationSource, Stage
from training.model import SIZES, Model, ModelConfig, initialise
from training.scores import answers_right, copy_accuracy
from training.workers import Crew, run_crew

FAR = 100_000  # chunks: more than any run goes through


@dataclass(frozen=True)
class StageSettings:
    """How one stage is trained. `tokens` is the dial.

    Small batches: new skills (repeat the ref just quoted, go on behind the last separator)
    appear after so many steps, not tokens. From `decay_from` of a stage on the rate falls; only
    the last stage lets it, since before a rise it is time lost.
    """

    tokens: float
    rate: float = 6e-4
    batch_tokens: int = 1024
    longest: int = 1536
    decay_from: float = 1.0


@dataclass(frozen=True)
class Settings:
    """Everything the loop needs to know."""

    out: Path = Path("build/training")
    size: str = "mini"  # one of `training.model.SIZES`
    base: Path | None = None  # Hugging Face folder of the model to go on with, in the last stage
    stages: dict[Stage, StageSettings] = field(
        default_factory=lambda: {
            "copy": StageSettings(0.4e6, batch_tokens=4096),
            "small_pages": StageSettings(10e6),
            "exercises": StageSettings(1.5e6),
            "full": StageSettings(75e6, rate=5e-4, decay_from=0.5),
        }
    )
    seed: int = 0
    warm_up: float = 0.02  # of a stage
    last_rate: float = 0.05  # share of the rate at which it ends
    clip: float = 1.0
    threads: int = 1
    workers: int = 1  # processes, each on batches of its own
    save_every_s: float = 300.0
    say_every_s: float = 10.0
    held_out: int = 48  # conversations


def pace(name: str) -> float:
    """The share of the learning rate at which a parameter is trained.

    At the full rate AdamW, whose steps know no scale, wears the wired circuit down within two
    million tokens: 0.997 of random tokens copied became 0.44, and the loss stopped falling.
    """
    if name.startswith("embed_tokens."):
        return 0.5
    return 0.15 if name.startswith(("layers.0.self_attn.", "layers.1.self_attn.")) else 1.0


def compute_type() -> torch.dtype:
    """bf16 on a GPU and where a processor multiplies it in tiles (AMX).

    On other processors fp32 is twice as fast.
    """
    if torch.cuda.is_available():
        return torch.bfloat16
    cpu = Path("/proc/cpuinfo")
    tiles = cpu.exists() and "amx_bf16" in cpu.read_text()
    return torch.bfloat16 if tiles else torch.float32


class Optimiser:
    """AdamW on fp32 masters of the model's weights, all of them in one flat vector, by pace."""

    def __init__(self, model: Model) -> None:
        by_pace: dict[float, list[torch.nn.Parameter]] = {}
        for name, parameter in model.named_parameters():
            by_pace.setdefault(pace(name), []).append(parameter)
        parameters = [parameter for group in by_pace.values() for parameter in group]
        self.master = torch.cat([p.detach().flatten() for p in parameters])
        self.flat = self.master.to(compute_type())
        self.gradient = torch.zeros_like(self.flat)
        sizes = [sum(p.numel() for p in group) for group in by_pace.values()]
        self.parts = [torch.nn.Parameter(part) for part in self.master.split(sizes)]
        groups = [
            {"params": [part], "pace": share}
            for part, share in zip(self.parts, by_pace, strict=True)
        ]
        self.adam = torch.optim.AdamW(groups, betas=(0.9, 0.95), fused=True)
        at = 0
        for parameter in parameters:
            view = slice(at, at + parameter.numel())
            parameter.data = self.flat[view].view(parameter.shape)
            parameter.grad = self.gradient[view].view(parameter.shape)
            at += parameter.numel()

    def step(self, rate: float, clip: float, crew: Crew | None = None, tokens: int = 0) -> int:
        """Take one step and clear the gradient; returns the tokens that it was taken on."""
        gradient = self.gradient.float()
        if crew is not None:
            tokens = crew.average(gradient, tokens)
        sizes = [part.numel() for part in self.parts]
        for part, piece in zip(self.parts, gradient.split(sizes), strict=True):
            part.grad = piece
        norm = float(torch.nn.utils.clip_grad_norm_(self.parts, clip))
        for group in self.adam.param_groups:
            group["lr"] = rate * group["pace"]
        if math.isfinite(norm):
            self.adam.step()
        self.gradient.zero_()
        self.publish()
        return tokens

    def publish(self) -> None:
        """Bring the masters' values to the model."""
        self.flat.copy_(self.master)


@dataclass
class Position:
    """Where training stands: what a checkpoint must know besides weights and moments."""

    stage: Stage = "copy"
    seen: int = 0  # tokens in this stage
    chunk: int = 0
    index: int = 0
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)


def learning_rate(settings: Settings, stage: StageSettings, seen: int) -> float:
    """Warm-up, a plateau, and a straight way down at the end of the last stage."""
    done = min(1.0, seen / stage.tokens)
    if done < settings.warm_up:
        return stage.rate * (done + 1e-4) / settings.warm_up
    if done < stage.decay_from or stage.decay_from >= 1:
        return stage.rate
    left = (1 - done) / (1 - stage.decay_from)
    return stage.rate * (settings.last_rate + (1 - settings.last_rate) * left)


def loss_of(model: Model, batch: Batch) -> Tensor:
    """Cross-entropy of the tokens that the model is to write itself."""
    wanted = batch.own[:, 1:]
    logits = model(batch.ids[:, :-1], wanted)
    return F.cross_entropy(logits.float(), batch.ids[:, 1:][wanted])


class Training:
    """One stage under way: steps, checkpoints, the line that says how it goes."""

    def __init__(
        self,
        settings: Settings,
        tokenizer: Tokenizer,
        source: ConversationSource | None,
        crew: Crew,
    ) -> None:
        self.settings, self.tokenizer, self.source = settings, tokenizer, source
        self.crew = crew
        config = ModelConfig(tokenizer.get_vocab_size(), **SIZES[settings.size])
        self.model = Model(config)
        initialise(self.model, tokenizer, settings.seed)
        self.model.to("cuda" if torch.cuda.is_available() else "cpu")
        self.optimiser = Optimiser(self.model)
        self.position = Position()
        self.console = Console()

    def run(self, stage: Stage) -> None:
        """Train this stage to its end, from wherever `position` stands in it."""
        settings = self.settings
        dial = settings.stages[stage]
        losses: deque[float] = deque(maxlen=100)
        started = said = saved = time.monotonic()
        fresh = 0
        for batch in self._batches(stage, dial):
            loss = loss_of(self.model, batch.to(self.model.device))
            loss.backward()  # type: ignore[no-untyped-call]
            rate = learning_rate(settings, dial, self.position.seen)
            tokens = self.optimiser.step(rate, settings.clip, self.crew, batch.tokens)
            losses.append(loss.item())
            self.position.seen += tokens
            fresh += tokens
            self.position.chunk, self.position.index = batch.chunk, batch.index + 1
            now = time.monotonic()
            finished = self.position.seen >= dial.tokens
            if self.crew.leads and (now - said >= settings.say_every_s or finished):
                said = now
                self._say(stage, dial, sum(losses) / len(losses), fresh / (now - started), rate)
            if self.crew.leads and (now - saved >= settings.save_every_s or finished):
                self.position.seconds += now - saved
                self.measure(stage, sum(losses) / len(losses))
                self.save()
                saved = time.monotonic()
            if finished:
                break
        if self.crew.leads:
            save_weights(self.model, settings.out / f"{stage}.safetensors")

    def _batches(self, stage: Stage, dial: StageSettings) -> Iterator[Batch]:
        at, crew = self.position, self.crew
        place = (at.chunk + crew.rank, at.index, crew.size)
        if stage in UNSPOKEN:
            return exercise_batches(self.tokenizer, stage, dial.batch_tokens, *place)
        if self.source is None:
            raise ValueError(f"the stage {stage} needs conversations to train on")
        return conversation_batches(
            *(self.tokenizer, self.source, stage, dial.batch_tokens, dial.longest),
            *place,
        )

    def measure(self, stage: Stage, loss: float) -> None:
        """Write down how good the model is on what it has not seen."""
        row: dict[str, Any] = {"stage": stage, "seen": self.position.seen, "loss": loss}
        if stage in UNSPOKEN or self.source is None:
            row["copied"] = copy_accuracy(self.model, self.tokenizer)
        else:
            held_out = self._held_out(stage)
            row["right"] = answers_right(self.model, self.tokenizer, held_out)
        self.position.history.append(row)
        self.console.print(f"measured {json.dumps(row)}", highlight=False, soft_wrap=True)

    def _held_out(self, stage: Stage) -> list[Any]:
        from itertools import islice

        assert self.source is not None
        return list(islice(self.source(stage, HELD_OUT), self.settings.held_out))

    def _say(
        self, stage: Stage, dial: StageSettings, loss: float, speed: float, rate: float
    ) -> None:
        seen = self.position.seen
        left = max(0.0, dial.tokens - seen) / speed
        self.console.print(
            f"{stage} {seen / dial.tokens:6.1%}  {seen / 1e6:.2f}M tokens  loss {loss:.3f}  "
            f"{speed:,.0f} tokens/s  rate {rate:.1e}  {left / 60:.1f} min left",
            highlight=False,
            soft_wrap=True,
        )

    def save(self) -> None:
        """Write a checkpoint in one piece: a kill leaves the old one or the new one."""
        state = {
            "master": self.optimiser.master,
            "adam": self.optimiser.adam.state_dict(),
            "position": asdict(self.position),
        }
        replace_file(self.settings.out / "checkpoint.pt", lambda path: torch.save(state, path))
        save_weights(self.model, self.settings.out / "weights.safetensors")
        meta = {
            "model": asdict(self.model.config),
            "stage": self.position.stage,
            "tokens": self.position.seen,
            "seconds": round(self.position.seconds),
            "history": self.position.history,
        }
        text = json.dumps(meta, indent=1)
        replace_file(self.settings.out / "meta.json", lambda path: path.write_text(text))
        plot(self.position.history, self.settings.out / "curves.png")

    def start_from(self, base: Path) -> None:
        """Take a finished model's weights and stand at the start of the last stage.

        What the model was trained on is not known, so the stream starts far from where
        training from nothing would have come.
        """
        weights = load_file(base / "model.safetensors")
        self.model.load_state_dict(
            {name.removeprefix("model."): value for name, value in weights.items()}
        )
        with torch.no_grad():
            self.optimiser.master.copy_(self.optimiser.flat)
        self.position = Position(stage="full", chunk=FAR)

    def resume(self) -> bool:
        """Continue from the checkpoint, if there is one."""
        path = self.settings.out / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, weights_only=True)
        with torch.no_grad():
            self.optimiser.master.copy_(state["master"])
        self.optimiser.adam.load_state_dict(state["adam"])
        self.optimiser.publish()
        self.position = Position(**state["position"])
        return True


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file so that a kill at any moment leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    write(draft)
    with draft.open("rb") as handle:
        os.fsync(handle.fileno())
    draft.replace(path)


def save_weights(model: Model, path: Path) -> None:
    """The weights as safetensors, in bf16."""
    tensors = {
        name: p.detach().to(torch.bfloat16, copy=True).contiguous()
        for name, p in model.named_parameters()
    }
    replace_file(path, lambda draft: save_file(tensors, draft))


def train(settings: Settings, source: ConversationSource | None, last: Stage = "full") -> None:
    """Train every stage up to `last`, continuing from the checkpoint in `settings.out`."""
    path = settings.out / "tokenizer.json"
    if not path.exists():
        base = settings.base
        built = tokens_of.load(base / "tokenizer.json") if base else tokens_of.build()
        replace_file(path, lambda draft: built.save(str(draft)))
    run_crew(settings.workers, settings.out, partial(_train, settings, source, last))


def _train(settings: Settings, source: ConversationSource | None, last: Stage, crew: Crew) -> None:
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    tokenizer = tokens_of.load(settings.out / "tokenizer.json")
    training = Training(settings, tokenizer, source, crew)
    if training.resume():
        if crew.leads:
            training.console.print(f"continuing in {training.position.stage}")
    elif settings.base:
        training.start_from(settings.base)
    order: list[Stage] = list(settings.stages)
    for stage in order[order.index(training.position.stage) : order.index(last) + 1]:
        if stage != training.position.stage:
            training.position = replace(training.position, stage=stage, seen=0, chunk=0, index=0)
        if training.position.seen < settings.stages[stage].tokens:
            training.run(stage)


def plot(history: list[dict[str, Any]], path: Path) -> None:
    """Draw what every measurement found: the loss, and what was right of what was not seen."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([row["loss"] for row in history], label="loss")
    right = [row.get("right", float("nan")) for row in history]
    axes.plot(right, label="answers right, teacher-forced")
    axes.set_xlabel("measurement")
    axes.set_ylim(0, 1)
    axes.legend()
    figure.savefig(path)
