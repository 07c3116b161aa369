"""What the tests of the tools share."""

import pytest

from tests.site_server import Site
from tests.tools.acting import Actor
from tools.session import Session


@pytest.fixture
def actor(session: Session, site: Site) -> Actor:
    """Takes actions in a fresh tab and judges them."""
    return Actor(session, site)
