"""Which endpoint answers, and what it can do.

Which: `--model-url` or SECONDLOOK_MODEL_URL (a URL, or a service's name); else
OPENAI_BASE_URL; else the bundled model,
whose URL the caller passes in (`agent` stands below `server`). OPENAI_API_KEY alone chooses
nothing: no page leaves this machine because of a key that is there for something else.

What it can do is asked, once per endpoint and model: the model's name and context length
where it tells them, how it counts tokens, and which constraint on decoding it really obeys.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import openai
from pydantic import BaseModel, ConfigDict, SecretStr

from agent.errors import ModelMisconfigured
from agent.model.failures import NO_MODEL, misconfigured
from agent.model.grammar import single_word
from agent.model.http import Http
from agent.model.metrics import PATH, read_counts
from agent.model.services import SERVICES, Service
from agent.model.strict import response_format

DEFAULT_CONTEXT = 8192
"""Tokens of context assumed of an endpoint that does not tell; SECONDLOOK_MODEL_CONTEXT says."""

Constraint = Literal["grammar", "structured_outputs", "guided_grammar", "json_schema", "none"]
"""grammar: llama.cpp's field; structured_outputs and, formerly, guided_grammar: vLLM's."""

_WORD = "quokka"
"""No model says this of itself when it is greeted; one whose decoding is constrained does."""


class Endpoint(BaseModel):
    """Where the model answers. An empty `model` means the one that the endpoint serves."""

    model_config = ConfigDict(frozen=True)

    url: str
    model: str = ""
    key: SecretStr = SecretStr("")
    context: int | None = None


@dataclass(frozen=True)
class Abilities:
    """What an endpoint told and showed.

    `tokenizer` is the URL that counts tokens exactly, `metrics` that of vLLM's counters, ""
    where there is none. `reads_system` is false for a chat template that leaves the system
    prompt out. `base` is the model that a LoRA adapter is for.
    """

    name: str
    context_length: int
    constraint: Constraint
    tokenizer: str = ""
    metrics: str = ""
    reads_system: bool = True
    base: str = ""


def configured(
    url: str = "",
    model: str = "",
    *,
    bundled_url: str = "",
    environment: Mapping[str, str] = os.environ,
) -> Endpoint | None:
    """The endpoint to use; None means that the bundled model must be started for this.

    Raises ModelMisconfigured for a URL that is none.
    """
    model = model or environment.get("SECONDLOOK_MODEL", "")
    own = url or environment.get("SECONDLOOK_MODEL_URL", "")
    given = own or environment.get("OPENAI_BASE_URL", "")
    if not given:
        return Endpoint(url=_cleaned(bundled_url)) if bundled_url else None
    service = SERVICES.get(given.strip().lower(), Service(given))
    key = environment.get("SECONDLOOK_MODEL_KEY", "") if own else ""
    usual = service.key or ("" if own else "OPENAI_API_KEY")
    context = environment.get("SECONDLOOK_MODEL_CONTEXT", "")
    return Endpoint(
        url=_cleaned(service.url),
        model=model,
        key=SecretStr(key or environment.get(usual, "")),
        context=int(context) if context.isdigit() else None,
    )


def _cleaned(url: str) -> str:
    """The URL up to /v1, however much of it was given."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ModelMisconfigured(
            f"{url!r} is no model URL: give one such as http://127.0.0.1:8000/v1, or one of "
            f"{', '.join(SERVICES)}."
        )
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return urlunsplit((parts.scheme, parts.netloc, path or "/v1", parts.query, ""))


@dataclass(frozen=True)
class _Listed:
    """What an endpoint says of the model by itself; `base` and `owner` may be ""."""

    name: str
    context: int
    base: str
    owner: str


_known: dict[tuple[str, _Listed], Abilities] = {}


async def abilities(endpoint: Endpoint, http: Http) -> Abilities:
    """What this endpoint can do; found out once in the life of the process, as long as the
    same model is listed there.

    Raises ModelUnavailable and ModelMisconfigured, each with one sentence.
    """
    probe = _Probe(endpoint, http)
    listed = await probe.listed()
    place = (endpoint.url, listed)
    if place not in _known:
        _known[place] = await probe.run(listed)
    return _known[place]


class _Probe:
    """The questions that are put to an endpoint."""

    def __init__(self, endpoint: Endpoint, http: Http) -> None:
        self._endpoint = endpoint
        self._http = http
        self._root = endpoint.url.removesuffix("/v1")

    async def listed(self) -> _Listed:
        """Which model it is, as far as the endpoint says."""
        row = _chosen(await listed_models(self._endpoint, self._http), self._endpoint)
        name = self._endpoint.model or str(row.get("id", ""))
        if not name:
            raise ModelMisconfigured(
                f"The endpoint {self._endpoint.url} does not say which models it has: "
                "name one with --model."
            )
        context = self._endpoint.context or _context(row) or await self._props_context()
        return _Listed(
            name=name,
            context=context or DEFAULT_CONTEXT,
            base=str(row.get("parent") or ""),
            owner=str(row.get("owned_by", "")),
        )

    async def run(self, listed: _Listed) -> Abilities:
        """Ask all the others."""
        return Abilities(
            name=listed.name,
            context_length=listed.context,
            constraint=await self._constraint(listed.name, listed.owner),
            tokenizer=await self._tokenizer(listed.name),
            metrics=await self._metrics(),
            reads_system=await self._reads_system(listed.name),
            base=listed.base,
        )

    async def _props_context(self) -> int | None:
        """llama.cpp's own page about itself."""
        found = await self._http.optional("GET", f"{self._root}/props")
        settings = found.get("default_generation_settings")
        return _number(settings.get("n_ctx")) if isinstance(settings, dict) else None

    async def _tokenizer(self, name: str) -> str:
        url = f"{self._root}/tokenize"
        return url if await count_exactly(self._http, url, name, "one two") is not None else ""

    async def _metrics(self) -> str:
        url = f"{self._root}{PATH}"
        return url if read_counts(await self._http.page(url)) else ""

    async def _reads_system(self, name: str) -> bool:
        """llama.cpp shows what becomes of the messages, and vLLM counts their tokens; others
        are taken to read them all."""
        user = {"role": "user", "content": "Hi"}
        both = [{"role": "system", "content": _WORD}, user]
        shown = await self._http.optional(
            "POST", f"{self._root}/apply-template", {"messages": both}
        )
        if "prompt" in shown:
            return _WORD in str(shown["prompt"])
        alone, together = [
            (
                await self._http.optional(
                    "POST", f"{self._root}/tokenize", {"model": name, "messages": messages}
                )
            ).get("count")
            for messages in ([user], both)
        ]
        return alone is None or alone != together

    async def _constraint(self, name: str, owner: str) -> Constraint:
        order: list[Constraint] = [
            "grammar", "structured_outputs", "guided_grammar", "json_schema",
        ]  # fmt: skip
        if owner == "vllm":
            order = ["structured_outputs", "guided_grammar", "json_schema"]
        for constraint in order:
            if await obeys(self._http, name, constraint):
                return constraint
        return "none"


async def listed_models(endpoint: Endpoint, http: Http) -> list[dict[str, Any]]:
    """The endpoint's models; empty where it has no such list but may still answer.

    Raises ModelUnavailable and ModelMisconfigured.
    """
    try:
        text = await http.models_text()
    except openai.NotFoundError as error:
        if not endpoint.model or _is_html(error.response.text):
            raise misconfigured(endpoint.url) from error
        return []
    try:
        rows = json.loads(text)["data"]
    except (ValueError, KeyError, TypeError) as error:
        raise misconfigured(endpoint.url, html=_is_html(text)) from error
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


async def obeys(http: Http, name: str, constraint: Constraint) -> bool:
    """Whether this holds an answer to a word that no model says by itself.

    Raises ModelMisconfigured if the endpoint has no such model, and what `http` raises.
    """
    schema = {
        "type": "object",
        "properties": {"answer": {"const": _WORD}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    body = request_fields(constraint, single_word(_WORD), response_format(schema, "probe"))
    try:
        text = await http.chat_text(name, "Say hello.", body)
    except (openai.BadRequestError, openai.UnprocessableEntityError):
        return False  # the field is unknown there
    except openai.NotFoundError as error:
        raise ModelMisconfigured(
            NO_MODEL.format(url=http.url, name=name, has="other models")
        ) from error
    try:
        said = json.loads(text) if constraint == "json_schema" else {"answer": text.strip()}
    except ValueError:
        return False
    return bool(said == {"answer": _WORD})


def request_fields(
    constraint: Constraint, grammar: str, form: dict[str, Any] | None
) -> dict[str, Any]:
    """What a request carries so that decoding keeps to the grammar or the form."""
    match constraint:
        case "grammar":
            return {"grammar": grammar}
        case "structured_outputs":
            return {"structured_outputs": {"grammar": grammar}}
        case "guided_grammar":
            return {"guided_grammar": grammar}
        case "json_schema":
            return {"response_format": form}
        case "none":
            return {}


async def count_exactly(http: Http, url: str, model: str, text: str) -> int | None:
    """The endpoint's own count of tokens; None where it has none. vLLM and llama.cpp agree on
    the path, not on the field that holds the text."""
    body = {"model": model, "prompt": text, "content": text, "add_special_tokens": False}
    found = await http.optional("POST", url, body)
    tokens = found.get("tokens")
    return len(tokens) if isinstance(tokens, list) else None


def _chosen(rows: list[dict[str, Any]], endpoint: Endpoint) -> dict[str, Any]:
    """The row of the model to use. Raises ModelMisconfigured if it is not there or not clear."""
    names = [str(row.get("id", "")) for row in rows]
    some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    if endpoint.model:
        if not rows:
            return {}
        for row in rows:
            if endpoint.model in (row.get("id"), *(row.get("aliases") or ())):
                return _with_base(row, rows)
        raise ModelMisconfigured(NO_MODEL.format(url=endpoint.url, name=endpoint.model, has=some))
    adapters = [row for row in rows if row.get("parent")]
    if len(rows) == 2 and len(adapters) == 1:  # an adapter is loaded to be used
        return _with_base(adapters[0], rows)
    if len(rows) > 1:
        raise ModelMisconfigured(
            f"The endpoint {endpoint.url} has {len(rows)} models ({some}): choose with --model."
        )
    return rows[0] if rows else {}


def _with_base(row: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The row with what the endpoint says of its base only, if it is a LoRA adapter's."""
    base = next((other for other in rows if other.get("id") == row.get("parent")), {})
    return {**base, **{name: value for name, value in row.items() if value is not None}}


def _context(row: dict[str, Any]) -> int | None:
    """Context length as vLLM, llama.cpp, OpenRouter and others write it."""
    meta = row.get("meta")
    places = (
        row.get("max_model_len"),
        meta.get("n_ctx") if isinstance(meta, dict) else None,
        row.get("context_length"),
        row.get("context_window"),
    )
    return next((n for n in map(_number, places) if n), None)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _is_html(text: str) -> bool:
    return text.lstrip()[:1] == "<"
