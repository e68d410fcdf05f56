"""Whom decisions are about, who takes them, and a thread with a post that says too much."""

import pytest

from tests.moderation.scene import BODY


@pytest.fixture
def author(world):
    return world.person("PH")


@pytest.fixture
def reader(world):
    return world.person("KH")


@pytest.fixture
def moderator(world):
    return world.person("SG", is_moderator=True)


@pytest.fixture
def other(world):
    return world.person("MY", is_moderator=True)


@pytest.fixture
def thread(world, author):
    thread = world.thread(world.person("TH"))
    world.reply(author, thread, body=BODY)
    return thread
