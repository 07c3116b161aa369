"""The playground within the backend: only paired clients may ask, and of the backend's model."""

from contextlib import AsyncExitStack

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from agent.errors import AgentError
from agent.model.endpoints import Endpoint, configured
from server.perimeter import Refused, note
from server.playground import playground
from server.runs import Defaults
from server.shared_model import SharedModel

ASKS = ("/playground/about", "/playground/ask")
"""What is more than the page itself, which tells nothing."""

NONE = Endpoint(url="http://127.0.0.1/v1")
"""The page itself asks no model."""


class PairedPlayground:
    """An ASGI application for what begins with /playground."""

    def __init__(self, defaults: Defaults, bundled: SharedModel) -> None:
        self._defaults = defaults
        self._bundled = bundled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asks = scope["path"] in ASKS
        async with AsyncExitStack() as stack:
            app: ASGIApp
            if asks and Request(scope).state.client is None:
                refusal = Refused(401, "NotPaired", "Pair first: open the dashboard at /.")
                note(refusal, scope)
                app = PlainTextResponse(str(refusal), 401)
            else:
                try:
                    endpoint = await self._endpoint(stack) if asks else NONE
                    app = playground(endpoint).app
                except AgentError as error:
                    app = PlainTextResponse(str(error), 503)
            await app(scope, receive, send)

    async def _endpoint(self, stack: AsyncExitStack) -> Endpoint:
        """The model that runs are given. Raises ModelUnavailable, ModelMisconfigured."""
        named = configured(self._defaults.model_url, self._defaults.model_name)
        if named is not None:
            return named
        served = await stack.enter_async_context(self._bundled.lent())
        return Endpoint(url=served.url, model=served.model)
