"""Sealing held texts: encrypted with a key derived from the hub's secret, so that a copy of the database does not tell them."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


class Unreadable(Exception):
    """The text was sealed with another secret, or is damaged."""


def seal(words: str) -> bytes:
    return _box().encrypt(words.encode())


def unseal(sealed: bytes) -> str:
    """Raises ``Unreadable``."""
    try:
        return _box().decrypt(sealed).decode()
    except InvalidToken:
        raise Unreadable from None


def _box() -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"held texts").derive(str(current_app.config["HUB_SECRET_KEY"]).encode())
    return Fernet(base64.urlsafe_b64encode(key))
