"""What all tests share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import postgres

settings.register_profile("stillhere", deadline=None)
settings.load_profile("stillhere")


@pytest.fixture(autouse=True)
def _databases_given_back() -> Iterator[None]:
    yield
    postgres.clear()
