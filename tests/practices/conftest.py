"""Who takes part in a practice of Malaysia."""

import pytest


@pytest.fixture
def author(world):
    return world.person("MY", title="Victim support officer")


@pytest.fixture
def clearer(world):
    return world.person("MY", "focal_point", title="Focal point")


@pytest.fixture
def moderator(world):
    return world.person("SG", is_moderator=True)


@pytest.fixture
def reviewers(world):
    return world.person("PH", reviews="protection", title="Reviewer"), world.person("TH", reviews="protection", title="Reviewer")
