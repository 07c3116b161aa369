"""Services that speak the OpenAI protocol, by name, for `--model-url NAME`."""

from typing import NamedTuple


class Service(NamedTuple):
    """Where it answers, and the environment variable that its users keep their key in ("" for
    servers on this machine, which ask for none)."""

    url: str
    key: str = ""


SERVICES = {
    "openai": Service("https://api.openai.com/v1", "OPENAI_API_KEY"),
    "openrouter": Service("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "together": Service("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
    "fireworks": Service("https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
    "groq": Service("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "deepinfra": Service("https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"),
    "mistral": Service("https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    "vllm": Service("http://127.0.0.1:8000/v1"),
    "ollama": Service("http://127.0.0.1:11434/v1"),
    "lmstudio": Service("http://127.0.0.1:1234/v1"),
}
