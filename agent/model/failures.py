"""What goes wrong with an endpoint, in one sentence each, with what to do."""

import re

import openai

from agent.errors import AgentError, ModelMisconfigured, ModelUnavailable

NO_MODEL = "The endpoint {url} has no model {name}, but {has}: choose with --model."

_OVERFLOW = re.compile(
    r"exceed_context_size|context_length_exceeded|exceeds? the available context"
    r"|maximum (context|model) length|context (length|window)|max_model_len|too many tokens",
    re.IGNORECASE,
)


def misconfigured(url: str, *, html: bool = True) -> ModelMisconfigured:
    """The address answers, but it is no model's."""
    what = "a web page" if html else "something else than a list of models"
    return ModelMisconfigured(
        f"{url} is not an OpenAI-compatible endpoint, it answers with {what}: check "
        "--model-url (it usually ends in /v1)."
    )


def overflows(error: openai.APIStatusError) -> bool:
    """Whether the request was refused because it is too long for the model's context."""
    return error.status_code in (400, 413, 422) and bool(_OVERFLOW.search(_words(error)))


def refused(url: str, error: openai.APIStatusError) -> AgentError:
    """An answer with an error that trying again does not mend."""
    if error.status_code in (401, 403):
        return ModelMisconfigured(
            f"The endpoint {url} refuses the key (status {error.status_code}): set "
            "SECONDLOOK_MODEL_KEY (with OPENAI_BASE_URL: OPENAI_API_KEY; with a service's name: "
            "its own variable, see docs/model.md)."
        )
    if "text/html" in error.response.headers.get("content-type", ""):
        return misconfigured(url)
    return ModelMisconfigured(
        f"The endpoint {url} refuses the question (status {error.status_code}: "
        f"{_words(error)[:200]}): check --model-url and --model."
    )


def gave_up(url: str, tries: int, error: Exception) -> ModelUnavailable:
    """The last of several tries failed as well."""
    times = "once" if tries == 1 else f"{tries} times"
    return ModelUnavailable(
        f"The model at {url} does not answer ({reason(error)}, tried {times}): start it or check "
        "--model-url, then resume the run."
    )


def reason(error: Exception) -> str:
    """Why a try failed, in a few words."""
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return "it takes too long"
    if isinstance(error, openai.RateLimitError):
        return "it says that there are too many requests"
    if isinstance(error, openai.APIStatusError):
        return f"status {error.status_code}"
    if isinstance(error, openai.APIConnectionError):
        cause = " ".join(str(part) for part in _chain(error)).lower()
        if "refused" in cause or "all connection attempts failed" in cause:
            return "connection refused"
        if "name or service" in cause or "getaddrinfo" in cause or "resolution" in cause:
            return "no such host"
        return "the connection broke"
    return str(error) or type(error).__name__


def _chain(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _words(error: openai.APIStatusError) -> str:
    """The error's own words, on one line."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    kind = body.get("type") if isinstance(body, dict) else None
    code = body.get("code") if isinstance(body, dict) else None
    return " ".join(str(p) for p in (message or error.message, kind, code) if p)
