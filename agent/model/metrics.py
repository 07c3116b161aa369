"""What vLLM counts of itself, read from its Prometheus endpoint (`/metrics`).

The counters belong to the server: what other clients do meanwhile is in them, too. Names as in
vLLM 0.32, https://docs.vllm.ai/en/latest/usage/metrics/
"""

from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel, ConfigDict, Field

PATH = "/metrics"
"""Below the server's root, beside `/v1`."""

_COUNTERS = {
    "vllm:prompt_tokens_total": "prompt_tokens",
    "vllm:prefix_cache_hits_total": "cached_tokens",
    "vllm:generation_tokens_total": "answer_tokens",
    "vllm:request_queue_time_seconds_count": "requests",
    "vllm:request_queue_time_seconds_sum": "queue_seconds",
    "vllm:request_decode_time_seconds_sum": "decode_seconds",
}


class ServerCounts(BaseModel):
    """Counters since vLLM began, or what was added to them between two readings."""

    model_config = ConfigDict(frozen=True)

    requests: float = 0
    prompt_tokens: float = 0
    cached_tokens: float = Field(default=0, description="of the prompts, found in the prefix cache")
    answer_tokens: float = 0
    queue_seconds: float = Field(default=0, description="all requests together")
    decode_seconds: float = Field(default=0, description="all requests together")

    @property
    def cached(self) -> float:
        """Part of the prompts' tokens that the prefix cache had, 0 to 1."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else 0.0

    @property
    def tokens_per_second(self) -> float:
        """Speed of one answer, once it has begun."""
        return self.answer_tokens / self.decode_seconds if self.decode_seconds else 0.0

    def since(self, before: "ServerCounts") -> "ServerCounts":
        """What was added since; a server that was started anew meanwhile has counted from 0."""
        earlier = before if self.requests >= before.requests else ServerCounts()
        mine, theirs = self.model_dump(), earlier.model_dump()
        return ServerCounts(**{name: mine[name] - theirs[name] for name in mine})

    def __add__(self, other: "ServerCounts") -> "ServerCounts":
        mine, theirs = self.model_dump(), other.model_dump()
        return ServerCounts(**{name: mine[name] + theirs[name] for name in mine})


def read_counts(text: str) -> ServerCounts | None:
    """The counters in a page of metrics, all models and engines together; None if it is no
    page of vLLM's."""
    found: dict[str, float] = {}
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if name := _COUNTERS.get(sample.name):
                    found[name] = found.get(name, 0.0) + sample.value
    except ValueError:
        return None
    return ServerCounts(**found) if found else None
