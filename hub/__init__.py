"""The Practitioner Hub. Importing it brings nothing along: what checks a file in a process of its own starts in a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: dict[str, object] | None = None) -> Flask:
    """The hub as a WSGI app. ``settings`` override the environment, in tests."""
    from hub import app

    return app.create_app(settings)
