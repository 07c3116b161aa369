"""vLLM's counters as a run's story tells them; the page is one that vLLM 0.32 wrote."""

import httpx
import pytest

from agent.model.endpoints import Endpoint, configured
from agent.model.metrics import ServerCounts, read_counts
from agent.model.services import SERVICES
from tasks.story import served

PAGE = """\
# HELP vllm:prompt_tokens_total Number of prefill tokens processed.
# TYPE vllm:prompt_tokens_total counter
vllm:prompt_tokens_total{engine="0",model_name="secondlook-mini"} 12377.0
# TYPE vllm:prefix_cache_hits_total counter
vllm:prefix_cache_hits_total{engine="0",model_name="secondlook-mini"} 7936.0
# TYPE vllm:generation_tokens_total counter
vllm:generation_tokens_total{engine="0",model_name="secondlook-mini"} 2004.0
# TYPE vllm:request_queue_time_seconds histogram
vllm:request_queue_time_seconds_bucket{engine="0",le="+Inf",model_name="secondlook-mini"} 30.0
vllm:request_queue_time_seconds_count{engine="0",model_name="secondlook-mini"} 30.0
vllm:request_queue_time_seconds_sum{engine="0",model_name="secondlook-mini"} 0.19
# TYPE vllm:request_decode_time_seconds histogram
vllm:request_decode_time_seconds_count{engine="0",model_name="secondlook-mini"} 30.0
vllm:request_decode_time_seconds_sum{engine="0",model_name="secondlook-mini"} 7.5
"""


def test_the_counters_of_a_page() -> None:
    counts = read_counts(PAGE)
    assert counts is not None
    assert (counts.requests, counts.prompt_tokens, counts.cached_tokens) == (30, 12377, 7936)
    assert served(counts) == (
        "vLLM over the run: 64% of 12,377 prompt tokens from the prefix cache · 6 ms in the queue "
        "for each of 30 requests · 267 tokens/s an answer"
    )


def test_what_a_run_added_and_a_server_that_was_started_anew() -> None:
    before = ServerCounts(requests=10, prompt_tokens=1000, cached_tokens=900)
    later = ServerCounts(requests=14, prompt_tokens=1400, cached_tokens=1200)
    assert later.since(before) == ServerCounts(requests=4, prompt_tokens=400, cached_tokens=300)
    anew = ServerCounts(requests=3, prompt_tokens=300, cached_tokens=200)
    assert anew.since(before) == anew
    assert later.since(before) + anew == ServerCounts(
        requests=7, prompt_tokens=700, cached_tokens=500
    )


@pytest.mark.parametrize("page", ["", "<html>", "llamacpp:tokens_total 5\n", "{}", "a b c d e"])
def test_other_pages_have_no_counters(page: str) -> None:
    assert read_counts(page) is None


def test_services_by_name_with_the_key_that_their_users_keep() -> None:
    keys = {"OPENROUTER_API_KEY": "theirs", "OPENAI_API_KEY": "other"}
    assert configured("OpenRouter", "llama", environment=keys) == Endpoint(
        url="https://openrouter.ai/api/v1", model="llama", key="theirs"
    )
    own = configured("openrouter", environment=keys | {"SECONDLOOK_MODEL_KEY": "mine"})
    assert own and own.key.get_secret_value() == "mine"
    local = configured(environment={"SECONDLOOK_MODEL_URL": "ollama", "OPENAI_API_KEY": "other"})
    assert local == Endpoint(url="http://127.0.0.1:11434/v1")


def test_every_service_is_an_address_that_can_be_asked() -> None:
    for name, service in SERVICES.items():
        found = configured(name, environment={})
        assert found and found.url == service.url
        assert httpx.URL(service.url).scheme == ("https" if service.key else "http")
