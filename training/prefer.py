"""Direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290) of our own model.

Run it:  python -m training prefer --from server/models/secondlook-mini --pairs FILE

Of two answers to a question the model learns to find the chosen one likelier, compared with how
likely it found both before (the reference). That alone is also reached by making both unlikely,
so an anchor imitates the chosen one beside it (Pang et al. 2024, arXiv 2404.19733). Everything is
in this file, top to bottom: settings, the loss, the loop. The same on a CPU and on a GPU.
"""

import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

import torch
import torch.nn.functional as F
from rich.console import Console
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from training import tokenizer as tokens_of
from training.batches import pad
from training.model import Model, ModelConfig
from training.pairs import Row, encoded, grouped, held_out, read_pairs
from training.train import Optimiser, replace_file, save_weights

SAMPLE = 200
"""Pairs trained on that are measured beside those held out."""


@dataclass(frozen=True)
class Settings:
    """Everything the loop needs to know."""

    base: Path  # Hugging Face folder of the model to start with, which is the reference too
    pairs: Path
    out: Path = Path("build/preferred")
    beta: float = 0.1  # how far the model may go from the reference: the less, the farther
    rate: float = 1e-5
    epochs: int = 1
    anchor: float = 0.2  # weight of the imitation of chosen answers
    batch_tokens: int = 8192
    held_out: float = 0.1  # share of the tasks' sentences
    threads: int = 1
    warm_up: float = 0.1  # of all steps
    last_rate: float = 0.05  # share of the rate at which it ends
    clip: float = 1.0
    save_every_s: float = 300.0
    say_every_s: float = 10.0

    def fingerprint(self) -> str:
        """The same for runs that can go on with each other's checkpoints."""
        digest = sha256(self.pairs.read_bytes() + (self.base / "model.safetensors").read_bytes())
        dials = (self.beta, self.rate, self.epochs, self.anchor, self.batch_tokens, self.held_out)
        return f"{digest.hexdigest()} {dials}"


@dataclass(frozen=True)
class Compared:
    """What a model makes of some pairs."""

    lead: Tensor  # how much likelier the chosen answer is than the rejected (log-probability)
    gained: Tensor  # by how much that is more than under the reference
    imitation: Tensor  # the loss of the chosen answers, by token

    def loss(self, beta: float, anchor: float) -> Tensor:
        """DPO's loss and the anchor's."""
        return -F.logsigmoid(beta * self.gained).mean() + anchor * self.imitation.mean()


@dataclass
class Position:
    """Where training stands: what a checkpoint must know besides weights and moments."""

    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


def read_model(folder: Path) -> tuple[Model, Tokenizer]:
    """The model in a Hugging Face folder that `training export` wrote; leaves if it is none."""
    try:
        sizes = json.loads((folder / "config.json").read_text())
        model = Model(
            ModelConfig(
                sizes["vocab_size"],
                width=sizes["hidden_size"],
                layers=sizes["num_hidden_layers"],
                heads=sizes["num_attention_heads"],
                hidden=sizes["intermediate_size"],
                rope_base=sizes["rope_theta"],
                norm_eps=sizes["rms_norm_eps"],
                context=sizes["max_position_embeddings"],
            )
        )
        weights = load_file(folder / "model.safetensors")
        model.load_state_dict({name.removeprefix("model."): w for name, w in weights.items()})
        return model, tokens_of.load(folder / "tokenizer.json")
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        said = str(error).splitlines()[0]
        raise SystemExit(f"{folder} is no model of `training export`: {said}") from error


def log_probabilities(model: Model, rows: Sequence[Row]) -> Tensor:
    """How likely the model finds each row's answer."""
    ids, own = (part.to(model.device) for part in pad(list(rows), 0))
    wanted = own[:, 1:]
    logits = model(ids[:, :-1], wanted)
    each = -F.cross_entropy(logits.float(), ids[:, 1:][wanted], reduction="none")
    sums = torch.zeros(len(rows), device=model.device)
    return sums.index_add(0, wanted.nonzero()[:, 0], each)


class Preferring:
    """A run under way: steps, checkpoints, the line that says how it goes."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.console = settings, Console()
        self.model, self.tokenizer = read_model(settings.base)
        self.model.to("cuda" if torch.cuda.is_available() else "cpu")
        self.optimiser = Optimiser(self.model)
        self.position = Position()
        read = read_pairs(settings.pairs)
        self.pairs = [encoded(self.tokenizer, pair) for pair in read]
        aside = held_out(read, settings.held_out)
        fits = [pair.length <= self.model.config.context for pair in self.pairs]
        self.measured = [n for n, one in enumerate(aside) if one and fits[n]]
        trained = [n for n, one in enumerate(aside) if not one and fits[n]]
        if not trained:
            raise SystemExit(f"{settings.pairs} holds no pair that fits into the model's context.")
        self.groups = grouped(trained, self.pairs, settings.batch_tokens)
        self.sample = trained[:: max(1, len(trained) // SAMPLE)]
        self.reference = torch.zeros(len(self.pairs), device=self.model.device)
        left_out = f", {fits.count(False)} too long" if not all(fits) else ""
        self._tell(f"{len(trained)} pairs, {len(self.measured)} held out{left_out}")

    def compare(self, which: Sequence[int]) -> Compared:
        """What the model makes of these pairs."""
        chosen = [self.pairs[at].chosen for at in which]
        rejected = [self.pairs[at].rejected for at in which]
        likely, unlikely = log_probabilities(self.model, [*chosen, *rejected]).chunk(2)
        tokens = torch.tensor([sum(own) for _, own in chosen], device=likely.device)
        lead = likely - unlikely
        return Compared(lead, lead - self.reference[list(which)], -likely / tokens)

    def begin(self) -> None:
        """Remember what the start weights make of every pair: they are the reference."""
        with torch.no_grad():
            for group in (*self.groups, *self._in_groups(self.measured)):
                self.reference[group] = self.compare(group).lead
        self.measure()

    def run(self) -> None:
        """Train to the end, from wherever `position` stands."""
        settings, at = self.settings, self.position
        steps = settings.epochs * len(self.groups)
        recent: deque[tuple[float, float, float]] = deque(maxlen=50)
        started = said = saved = time.monotonic()
        tokens = 0
        while at.step < steps:
            group = self._group(at.step)
            compared = self.compare(group)
            loss = compared.loss(settings.beta, settings.anchor)
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step(self._rate(at.step / steps), settings.clip)
            at.step += 1
            tokens += 2 * len(group) * self.pairs[group[-1]].length
            recent.append((loss.item(), *self._scores(compared.gained, compared.lead)))
            now = time.monotonic()
            if now - said >= settings.say_every_s or at.step == steps:
                said = now
                self._say(at.step, steps, recent, tokens / (now - started))
            if now - saved >= settings.save_every_s or at.step == steps:
                self.measure()
                self.save()
                saved = time.monotonic()
        self._tell(f"{settings.out}: now `python -m training export --out {settings.out} --gguf …`")

    def _in_groups(self, which: Sequence[int]) -> list[list[int]]:
        return grouped(which, self.pairs, self.settings.batch_tokens)

    def _group(self, step: int) -> list[int]:
        epoch, index = divmod(step, len(self.groups))
        rng = torch.Generator().manual_seed(epoch)
        return self.groups[int(torch.randperm(len(self.groups), generator=rng)[index])]

    def _rate(self, done: float) -> float:
        """A warm-up, then a straight way down."""
        settings = self.settings
        if done < settings.warm_up:
            return settings.rate * (done + 1e-3) / settings.warm_up
        left = (1 - done) / (1 - settings.warm_up)
        return settings.rate * (settings.last_rate + (1 - settings.last_rate) * left)

    def _scores(self, gained: Tensor, lead: Tensor) -> tuple[float, float]:
        """The margin of the rewards, and the share of pairs whose chosen answer is likelier."""
        return self.settings.beta * gained.mean().item(), (lead > 0).float().mean().item()

    def measure(self) -> None:
        """Write down what the model makes of pairs it learns from, and of those it does not."""
        row = {"step": float(self.position.step)}
        for name, which in (("trained", self.sample), ("held out", self.measured)):
            with torch.no_grad():
                found = [self.compare(group) for group in self._in_groups(which)]
            if found:
                gained = torch.cat([each.gained for each in found])
                scores = self._scores(gained, torch.cat([each.lead for each in found]))
                row |= {f"{name}, margin": scores[0], f"{name}, accuracy": scores[1]}
        self.position.history.append(row)
        rounded = {name: round(value, 3) for name, value in row.items()}
        self._tell(f"measured {json.dumps(rounded)}")

    def _say(
        self, step: int, steps: int, recent: Sequence[tuple[float, ...]], speed: float
    ) -> None:
        loss, margin, accuracy = (sum(each) / len(recent) for each in zip(*recent, strict=True))
        self._tell(
            f"{step / steps:6.1%}  step {step} of {steps}  loss {loss:.3f}  margin {margin:+.3f}  "
            f"accuracy {accuracy:.1%}  {speed:,.0f} tokens/s"
        )

    def _tell(self, line: str) -> None:
        self.console.print(line, highlight=False, soft_wrap=True)

    def save(self) -> None:
        """Write all down, the checkpoint last: what it tells of is there after a kill."""
        out = self.settings.out
        replace_file(out / "tokenizer.json", lambda draft: self.tokenizer.save(str(draft)))
        save_weights(self.model, out / "weights.safetensors")
        meta = {
            "model": asdict(self.model.config),
            "preferred": self.settings.fingerprint(),
            "history": self.position.history,
        }
        replace_file(out / "meta.json", lambda path: path.write_text(json.dumps(meta, indent=1)))
        plot(self.position.history, out / "curves.png")
        state = {
            "fingerprint": self.settings.fingerprint(),
            "master": self.optimiser.master,
            "adam": self.optimiser.adam.state_dict(),
            "reference": self.reference,
            "position": asdict(self.position),
        }
        replace_file(out / "checkpoint.pt", lambda path: torch.save(state, path))

    def resume(self) -> bool:
        """Go on from the checkpoint, if there is one; leaves if it is of another run."""
        path = self.settings.out / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, weights_only=True, map_location=self.model.device)
        if state.get("fingerprint") != self.settings.fingerprint():
            raise SystemExit(f"{path} is of a run with another model, pairs or settings: --out …")
        with torch.no_grad():
            self.optimiser.master.copy_(state["master"])
        self.optimiser.adam.load_state_dict(state["adam"])
        self.optimiser.publish()
        self.reference = state["reference"]
        self.position = Position(**state["position"])
        self._tell(f"going on after step {self.position.step}")
        return True


def prefer(settings: Settings) -> None:
    """Tune the model to prefer the chosen answers, going on from the checkpoint in `out`."""
    dials = (settings.beta, settings.rate, settings.epochs)
    if min(dials) <= 0 or settings.anchor < 0 or not 0 <= settings.held_out < 1:
        raise SystemExit(
            "--beta, --rate and --epochs are more than 0, --anchor is not less, and --held-out "
            "is at least 0 and less than 1."
        )
    torch.set_num_threads(settings.threads)
    preferring = Preferring(settings)
    if not preferring.resume():
        preferring.begin()
    preferring.run()


def plot(history: Sequence[dict[str, float]], path: Path) -> None:
    """Draw what every measurement found: the accuracy, and the margin of the rewards."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 5), layout="constrained")
    for axes, what in zip(figure.subplots(2, sharex=True), ("accuracy", "margin"), strict=True):
        for name in ("trained", "held out"):
            shown = [row.get(f"{name}, {what}", float("nan")) for row in history]
            axes.plot([row["step"] for row in history], shown, marker=".", label=name)
        axes.set_ylabel(what)
        axes.legend()
    axes.set_xlabel("step")
    figure.savefig(path)
