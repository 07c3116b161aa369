"""Everything that ends a run from the mind's side; only the CLI and the server print these.

AgentError                   base: one clear sentence, with what to do
├── ModelUnavailable         the endpoint cannot be reached, or kept failing after retries
├── ModelMisconfigured       the endpoint answers, but not as an OpenAI-compatible one would
├── PromptTooLong            what must be said does not fit the model's context
├── RunNotFound              no run has this name
└── RunStorageFailed         the run's folder or checkpoints cannot be written

`MalformedAnswer` is no error of a run: it becomes a verdict that goes through reflect.
"""


class AgentError(Exception):
    """Base of the errors that the command line and the server turn into one sentence."""


class ModelUnavailable(AgentError):
    """No answer after all retries; the run is saved and can be resumed."""


class ModelMisconfigured(AgentError):
    """The endpoint does not speak the OpenAI protocol, refuses the key, or lacks the model."""


class PromptTooLong(AgentError):
    """Task, plan and history alone exceed the model's context length."""


class RunNotFound(AgentError):
    """No run with this name is stored here."""


class RunStorageFailed(AgentError):
    """The run's folder or checkpoints cannot be written."""


class MalformedAnswer(Exception):
    """The answer did not fit its schema, also after the one repair turn."""
