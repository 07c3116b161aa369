"""Which endpoint is used, and what is found out about it."""

from collections.abc import Sequence

import pytest
from pydantic import SecretStr

from agent.errors import AgentError, ModelMisconfigured, ModelUnavailable
from agent.model.endpoints import Abilities, Endpoint, abilities, configured
from agent.model.http import Http
from agent.model.retry import Patience
from tests.scripted_model import Kind, ScriptedModel
from tests.scripted_replies import Html, Reply, Slow, Status


async def found(server: ScriptedModel, model: str = "", key: str = "") -> Abilities:
    http = Http(server.url, key, patience=Patience(tries=2, first=0))
    try:
        return await abilities(Endpoint(url=server.url, model=model, key=SecretStr(key)), http)
    finally:
        await http.close()


def test_the_own_url_comes_before_openai_and_before_the_bundled_model() -> None:
    openai = {"OPENAI_BASE_URL": "https://api.test/v1", "OPENAI_API_KEY": "sk"}
    own = {"SECONDLOOK_MODEL_URL": "http://own.test/v1", "SECONDLOOK_MODEL_KEY": "k"}
    given = configured("http://given.test", environment=openai | own)
    assert given and given.url == "http://given.test/v1"
    from_own = configured(environment=openai | own)
    assert from_own and (from_own.url, from_own.key.get_secret_value()) == (
        "http://own.test/v1",
        "k",
    )
    from_openai = configured(environment=openai)
    assert from_openai and from_openai.key.get_secret_value() == "sk"
    bundled = configured(bundled_url="http://127.0.0.1:9/v1", environment={})
    assert bundled and bundled.url == "http://127.0.0.1:9/v1"


def test_nothing_or_only_a_key_means_the_bundled_model() -> None:
    assert configured(environment={}) is None
    assert configured(environment={"OPENAI_API_KEY": "sk"}) is None


def test_a_key_for_one_service_is_not_sent_to_another() -> None:
    endpoint = configured("http://given.test", environment={"OPENAI_API_KEY": "sk"})
    assert endpoint and endpoint.key.get_secret_value() == ""


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://h:1", "http://h:1/v1"),
        ("http://h:1/", "http://h:1/v1"),
        ("http://h:1/v1/", "http://h:1/v1"),
        ("http://h:1/v1/chat/completions", "http://h:1/v1"),
        ("https://h/api/openai", "https://h/api/openai"),
    ],
)
def test_urls_are_understood_however_much_is_given(given: str, url: str) -> None:
    endpoint = configured(given, environment={})
    assert endpoint and endpoint.url == url


@pytest.mark.parametrize("url", ["model", "ftp://h/v1", "http://"])
def test_what_is_no_url_is_said(url: str) -> None:
    with pytest.raises(ModelMisconfigured, match="no model URL"):
        configured(url, environment={})


@pytest.mark.parametrize(
    ("kind", "constraint", "context"),
    [
        ("llama.cpp", "grammar", 5000),
        ("vllm", "structured_outputs", 5000),
        ("json_schema", "json_schema", 8192),
        ("plain", "none", 8192),
    ],
)
async def test_what_an_endpoint_can_do_is_found_by_asking(
    kind: Kind, constraint: str, context: int
) -> None:
    with ScriptedModel([], kind=kind, context=5000) as server:
        can = await found(server)
        assert (can.name, can.constraint, can.context_length) == ("scripted", constraint, context)
        assert bool(can.tokenizer) == (kind in ("llama.cpp", "vllm"))
        asked = len(server.paths)
        assert await found(server) == can
        again = set(server.paths[asked:])
        assert again <= {"/v1/models", "/props"}, "only whether it is still the same model"


@pytest.mark.parametrize(
    ("models", "error", "words"),
    [
        (Html(), ModelMisconfigured, "a web page"),
        ("not json", ModelMisconfigured, "not an OpenAI-compatible endpoint"),
        ("[1]", ModelMisconfigured, "not an OpenAI-compatible endpoint"),
        ('{"data":[]}', ModelMisconfigured, "--model"),
        ('{"data":[{"id":"a"},{"id":"b"}]}', ModelMisconfigured, r"2 models \(a, b\)"),
        (Status(401), ModelMisconfigured, "refuses the key"),
        (Status(403), ModelMisconfigured, "SECONDLOOK_MODEL_KEY"),
        (Status(404), ModelMisconfigured, "not an OpenAI-compatible endpoint"),
        (Status(500), ModelUnavailable, "status 500, tried 2 times"),
    ],
)
async def test_what_is_no_endpoint_gets_one_sentence(
    models: Reply, error: type[AgentError], words: str
) -> None:
    with ScriptedModel([], models=models) as server, pytest.raises(error, match=words) as caught:
        await found(server)
    assert "\n" not in str(caught.value)


async def test_a_model_that_is_not_there_is_named_with_those_that_are() -> None:
    with (
        ScriptedModel([]) as server,
        pytest.raises(ModelMisconfigured, match="no model other, but scripted: choose with --mod"),
    ):
        await found(server, model="other")


async def test_a_key_opens_the_endpoint() -> None:
    with ScriptedModel([], key="secret") as server:
        with pytest.raises(ModelMisconfigured, match="refuses the key"):
            await found(server)
        assert (await found(server, key="secret")).name == "scripted"


async def test_nobody_there() -> None:
    with ScriptedModel([]) as server:
        url = server.url
    http = Http(url, patience=Patience(tries=3, first=0))
    with pytest.raises(ModelUnavailable, match="connection refused, tried 3 times"):
        await abilities(Endpoint(url=url), http)
    await http.close()


async def test_a_slow_list_of_models_is_waited_for() -> None:
    rows: Sequence[str] = ['{"data":[{"id":"slow","context_length":123456}]}']
    with ScriptedModel([], kind="plain", models=Slow(0.2, rows[0])) as server:
        can = await found(server)
    assert (can.name, can.context_length) == ("slow", 123456)


LOADED = '{"data":[{"id":"base","max_model_len":4096,"parent":null}%s]}'
ADAPTER = ',{"id":"%s","max_model_len":null,"parent":"base"}'


@pytest.mark.parametrize("model", ["", "our-shop"])
async def test_an_adapter_beside_its_base_is_meant_and_has_its_context(model: str) -> None:
    models = LOADED % (ADAPTER % "our-shop")
    with ScriptedModel([], kind="plain", models=models) as server:
        can = await found(server, model)
    assert (can.name, can.base, can.context_length) == ("our-shop", "base", 4096)


async def test_the_base_of_an_adapter_is_used_when_it_is_named() -> None:
    with ScriptedModel([], kind="plain", models=LOADED % (ADAPTER % "our-shop")) as server:
        can = await found(server, "base")
    assert (can.name, can.base) == ("base", "")


async def test_of_several_adapters_one_must_be_chosen() -> None:
    models = LOADED % (ADAPTER % "one" + ADAPTER % "two")
    with (
        ScriptedModel([], kind="plain", models=models) as server,
        pytest.raises(ModelMisconfigured, match="has 3 models"),
    ):
        await found(server)


async def test_another_model_at_the_same_address_is_found_out_anew() -> None:
    """A server started anew with another model, while a backend lives on."""
    with ScriptedModel([], name="one", context=4096) as server:
        first = await found(server)
        assert (await found(server)) == first
        assert len(server.probes) == 1, "found out once"
        server.name, server.context = "two", 9000
        second = await found(server)
    assert (first.name, first.context_length) == ("one", 4096)
    assert (second.name, second.context_length) == ("two", 9000)
