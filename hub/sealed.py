"""Sealing what passes through places that others may look into: encrypted with a key derived from the hub's secret, one for each purpose."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@lru_cache(maxsize=8)
def box(secret: str, purpose: bytes) -> Fernet:
    """Encrypts and decrypts; what was sealed with another secret or for another purpose raises ``InvalidToken``."""
    key = HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))
