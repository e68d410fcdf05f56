"""Limits that a view counts by itself, for what is no form or for what has its own pace."""

from flask import Response
from limits import parse

from hub.web import limited_by, limiter


def within(limit: str, what: str) -> bool:
    """Count one use of ``what`` by who asks; whether it is within a limit such as "20 per 10 seconds"."""
    return limiter.limiter.hit(parse(limit), what, limited_by())


def too_many() -> Response:
    """For a script that asks too often."""
    return Response("{}", 429, {"Retry-After": "10"}, mimetype="application/json")
