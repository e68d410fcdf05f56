"""Sealing held texts, so that a copy of the database does not tell them."""

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app

from hub import sealed


class Unreadable(Exception):
    """The text was sealed with another secret, or is damaged."""


def seal(words: str) -> bytes:
    return _box().encrypt(words.encode())


def unseal(given: bytes) -> str:
    """Raises ``Unreadable``."""
    try:
        return _box().decrypt(given).decode()
    except InvalidToken:
        raise Unreadable from None


def _box() -> Fernet:
    return sealed.box(str(current_app.config["HUB_SECRET_KEY"]), b"held texts")
