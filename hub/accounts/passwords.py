"""Passwords: hashed with argon2id, a few at a time; refused when easily guessed."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app
from zxcvbn import zxcvbn

from hub.turns import aside
from hub.words import _

SHORTEST, LONGEST = 12, 128
READ_BY_ZXCVBN = 32  # its work grows faster than the password; a longer one is not weaker for it
STRONG_ENOUGH = 3  # of 4: "safely unguessable" (zxcvbn's own words)


def init_app(app: Flask) -> None:
    settings = app.config
    hasher = PasswordHasher(time_cost=settings["HUB_PASSWORD_ROUNDS"], memory_cost=settings["HUB_PASSWORD_MEMORY_KIB"], parallelism=1)
    app.extensions["password_hasher"] = hasher
    app.extensions["password_turns"] = threading.BoundedSemaphore(settings["HUB_PASSWORD_PARALLEL"])
    app.extensions["password_of_nobody"] = hasher.hash("the password of an account that is not there")


def hash_password(password: str) -> str:
    """An argon2id hash. Slow on purpose: call it outside any transaction."""
    with aside(), current_app.extensions["password_turns"]:
        digest: str = current_app.extensions["password_hasher"].hash(_normal(password))
    return digest


def matches(stored: str | None, password: str) -> bool:
    """Whether ``password`` is the one hashed as ``stored``; takes as long when there is no account."""
    known = stored or current_app.extensions["password_of_nobody"]
    with aside(), current_app.extensions["password_turns"]:
        try:
            current_app.extensions["password_hasher"].verify(known, _normal(password[: LONGEST * 4]))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def weakness(password: str, own_words: list[str]) -> str | None:
    """Why a new password is refused, in a sentence; ``None`` when it is good."""
    if len(password) < SHORTEST:
        return _("Use at least %(n)s characters. Four unrelated words are easy to remember.", n=SHORTEST)
    if len(password) > LONGEST:
        return _("Use at most %(n)s characters.", n=LONGEST)
    own = [word.casefold() for words in own_words for word in [words, *words.replace("@", " ").replace(".", " ").split()] if len(word) > 3]
    if any(word in password.casefold() for word in own if len(word) * 2 >= len(password)):
        return _("This is mostly your own name, role or address. Choose words nobody would connect with you.")
    with current_app.extensions["password_turns"]:
        score: int = zxcvbn(_normal(password)[:READ_BY_ZXCVBN], user_inputs=own[:20])["score"]
    if score < STRONG_ENOUGH:
        return _("This password is easy to guess. Four unrelated words make a good one.")
    return None


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
