"""People at terminals: `person` for every shell, `open_person` with options."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .person import SHELLS, Person, Workshop, at

OpenPerson = Callable[..., Person]


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    shop = Workshop()
    yield shop
    shop.close()


@pytest.fixture(params=["bash", "dash", "busybox"])
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if not shutil.which(SHELLS[name][0]):
        pytest.skip(f"needs {name}")
    return name


@pytest.fixture
def open_person(workshop: Workshop) -> Iterator[OpenPerson]:
    """Person(workshop, ...), closed at the end."""
    with contextlib.ExitStack() as stack:

        def opened(*args: Any, **how: Any) -> Person:
            return stack.enter_context(at(workshop, *args, **how))

        yield opened


@pytest.fixture
def person(open_person: OpenPerson, shell: str) -> Person:
    return open_person(shell)


@pytest.fixture
def need() -> Callable[..., None]:
    """need("vim", "less"): skips, saying which is missing."""

    def check(*tools: str) -> None:
        missing = [tool for tool in tools if not shutil.which(tool)]
        if missing:
            pytest.skip(f"needs {', '.join(missing)}")

    return check
