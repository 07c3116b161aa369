"""Requests paused once and judged by two: Playwright's routes on a tab, and the rule about sites.

In a whole browser the two have sessions of their own, and Chrome asks the tab's before the
browser's. A tab lent through the extension has one session: here it is enabled for both, and
each paused request is shown to the one, then to the other, before it goes on.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Params = dict[str, Any]
Place = tuple[int, str]
"""A tab, and a frame's or worker's session in it ("" for the tab's own)."""
Sent = asyncio.Future[Params]

_EVERYTHING: list[Params] = [{"urlPattern": "*"}]


class NotPaused(Exception):
    """There is no such paused request."""


@dataclass
class _Held:
    """A request that waits for the rule; `go_on` is what the route wanted of it."""

    place: Place
    request: str
    go_on: Params


class Pauses:
    """The paused requests of one lending."""

    def __init__(
        self,
        command: Callable[[Place, str, Params], Sent],
        tell_route: Callable[[Place, str, Params], None],
        tell_rule: Callable[[Params], None],
    ) -> None:
        """`command` sends to the extension; `tell_route` and `tell_rule` show a request."""
        self._command = command
        self._tell_route = tell_route
        self._tell_rule = tell_rule
        self._places: set[Place] = set()
        self._routes: dict[Place, Params] = {}
        self._rule: list[Params] | None = None
        self._shown: dict[tuple[Place, str], Params] = {}
        self._held: dict[str, _Held] = {}

    def add(self, place: Place) -> None:
        """A tab, frame or worker is new: what it requests is paused from now on."""
        self._places.add(place)
        if self._rule is not None:
            self._enable(place)

    def remove(self, place: Place) -> None:
        """It has gone."""
        self._places.discard(place)
        self._routes.pop(place, None)
        self._shown = {key: shown for key, shown in self._shown.items() if key[0] != place}
        self._held = {key: held for key, held in self._held.items() if held.place != place}

    def rule(self, patterns: list[Params] | None) -> list[Sent]:
        """The rule is to see what fits these patterns; None: it is lifted."""
        self._rule = patterns
        enabled = [self._enable(place) for place in self._places]
        if patterns is None:
            for key in list(self._held):
                self.ruled("Fetch.continueRequest", {"requestId": key})
        return enabled

    def route(self, place: Place, params: Params | None) -> Sent:
        """Playwright wants to see what is requested there, or no more (None)."""
        if params is None:
            self._routes.pop(place, None)
        else:
            self._routes[place] = {"patterns": _EVERYTHING, **params}
        return self._enable(place)

    def paused(self, place: Place, method: str, params: Params) -> None:
        """A request was paused there."""
        if place in self._routes:
            self._shown[place, params["requestId"]] = params
            self._tell_route(place, method, params)
        elif method == "Fetch.requestPaused":
            self._to_rule(place, params, {"requestId": params["requestId"]})

    def routed(self, place: Place, method: str, params: Params) -> Sent | None:
        """Playwright decided on a request; None if the rule is asked before it goes on."""
        shown = self._shown.pop((place, str(params.get("requestId"))), None)
        leaving = shown is not None and "responseStatusCode" not in shown
        if method == "Fetch.continueRequest" and leaving and shown is not None:
            self._to_rule(place, shown, params)
            return None
        return self._command(place, method, params)

    def ruled(self, method: str, params: Params) -> Sent:
        """The rule decided on a request. Raises NotPaused."""
        held = self._held.pop(str(params.get("requestId")), None)
        if held is None:
            raise NotPaused("Invalid InterceptionId.")
        if method == "Fetch.continueRequest":
            return self._command(held.place, method, held.go_on)
        return self._command(held.place, method, {**params, "requestId": held.request})

    def _to_rule(self, place: Place, params: Params, go_on: Params) -> None:
        if self._rule is None:
            self._command(place, "Fetch.continueRequest", go_on)
            return
        key = f"{place[0]}/{place[1]}/{params['requestId']}"
        self._held[key] = _Held(place, params["requestId"], go_on)
        self._tell_rule({**params, "requestId": key})

    def _enable(self, place: Place) -> Sent:
        route = self._routes.get(place, {})
        patterns = [*route.get("patterns", []), *(self._rule or [])]
        if not patterns:
            return self._command(place, "Fetch.disable", {})
        return self._command(place, "Fetch.enable", {**route, "patterns": patterns})
