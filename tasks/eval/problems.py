"""What keeps an evaluation from being made."""

from agent.errors import AgentError


class EvaluationError(AgentError):
    """A package, a task or a file is missing or not as it must be: one sentence."""
