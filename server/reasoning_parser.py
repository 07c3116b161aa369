"""vLLM's reasoning-parser plugin for the reflection format.

    --reasoning-parser-plugin server/reasoning_parser.py --reasoning-parser secondlook
    --structured-outputs-config '{"enable_in_reasoning": true}'

Any client then sees `reasoning` (vLLM's name today), `reasoning_content` (the name it had, and
other servers have) and `content`. A JSON schema, a regular expression or a choice applies to
the output, after free thinking; a grammar to the whole answer, tags included, as our own
client sends it: that is why constraints begin with the first token. vLLM loads this file by
its path and into its own environment, so the splitting, which needs none of our packages,
is found beside it. Written for vLLM 0.32; `server/vllm_install.py` pins it.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from vllm.entrypoints.openai.chat_completion.serving import OpenAIServingChat
from vllm.reasoning import ReasoningParser, ReasoningParserManager
from vllm.reasoning.basic_parsers import DeltaMessage
from vllm.sampling_params import StructuredOutputsParams

sys.path.append(str(Path(__file__).parents[1]))  # last: vLLM's own packages come first
from server.reasoning import Split, Splitter, split, tagged

_CONSTRAINTS = ("json", "json_object", "regex", "choice")


class SecondlookReasoningParser(ReasoningParser):  # type: ignore[misc]  # vLLM is untyped here
    """One answer's parser. It hears every delta to the end of the answer, so for vLLM the
    reasoning never ends; what is content it says itself."""

    engine_based_streaming = True
    """vLLM tells such parsers of the end (`finish_streaming`)."""

    def __init__(self, tokenizer: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(tokenizer, *args, **kwargs)
        self._splitter = Splitter()

    @property
    def reasoning_start_str(self) -> str:
        """The tag that vLLM writes to begin thinking, for a budget of thinking tokens."""
        return "<thinking>"

    @property
    def reasoning_end_str(self) -> str:
        """The tag that vLLM writes when the budget is spent."""
        return "</thinking>"

    def is_reasoning_end(self, input_ids: Sequence[int]) -> bool:
        """Never: see the class."""
        return False

    def is_reasoning_end_streaming(
        self, input_ids: Sequence[int], delta_ids: Iterable[int]
    ) -> bool:
        """Never: see the class."""
        return False

    def has_engine_confirmed_reasoning_end(self) -> bool:
        """Never: see the class."""
        return False

    def extract_content_ids(self, input_ids: list[int]) -> list[int]:
        """Only asked for after the end of reasoning."""
        return []

    def adjust_initial_state_from_prompt(self, prompt_token_ids: Sequence[int]) -> None:
        """Learn from the prompt whether tags are asked for, or thinking has begun in it."""
        prompt = self.model_tokenizer.decode(list(prompt_token_ids))
        self._splitter = Splitter.after(prompt)

    def extract_reasoning(self, model_output: str, request: Any) -> tuple[str | None, str | None]:
        """Reasoning and content of a whole answer."""
        parts = split(model_output)
        return parts.reasoning or None, parts.content or None

    def extract_reasoning_streaming(
        self,
        previous_text: str,
        current_text: str,
        delta_text: str,
        previous_token_ids: Sequence[int],
        current_token_ids: Sequence[int],
        delta_token_ids: Sequence[int],
    ) -> "Delta | None":
        """Reasoning and content of the next delta."""
        return _delta(self._splitter.feed(delta_text))

    def finish_streaming(self) -> "Delta | None":
        """What was held back as the possible beginning of a tag."""
        return _delta(self._splitter.finish())

    def adjust_request(self, request: Any) -> Any:
        """Let tags through that are special tokens, and hold the output to its constraint."""
        request.skip_special_tokens = False
        constraint = getattr(request, "extract_structured_outputs", lambda: None)()
        if constraint is not None:
            asked = {name: getattr(constraint, name) for name in _CONSTRAINTS}
            if tag := tagged(asked):
                request.structured_outputs = StructuredOutputsParams(structural_tag=tag)
                request.response_format = None
        return request


class Delta(DeltaMessage):  # type: ignore[misc]  # vLLM is untyped here
    """A delta that carries its reasoning under both names, also when vLLM changes it."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "reasoning":
            self.reasoning_content = value


def _delta(parts: Split) -> Delta | None:
    if parts.reasoning and parts.content:
        return Delta(
            reasoning=parts.reasoning, reasoning_content=parts.reasoning, content=parts.content
        )
    if parts.reasoning:
        return Delta(reasoning=parts.reasoning, reasoning_content=parts.reasoning)
    return Delta(content=parts.content) if parts.content else None


def _name_reasoning_twice() -> None:
    """Have whole answers carry `reasoning_content` beside `reasoning`, as deltas do.

    vLLM builds the message itself and leaves `_finalize_response_message` to subclasses.
    """
    finalize = OpenAIServingChat._finalize_response_message

    def with_both(self: Any, message: Any, *args: Any, **kwargs: Any) -> Any:
        message = finalize(self, message, *args, **kwargs)
        if message.reasoning is not None:
            message.reasoning_content = message.reasoning
        return message

    OpenAIServingChat._finalize_response_message = with_both


_name_reasoning_twice()
ReasoningParserManager.register_module("secondlook", module=SecondlookReasoningParser)
