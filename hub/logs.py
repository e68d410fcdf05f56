"""One JSON line per event: what happened, how long, to which account id; never content, secrets or addresses."""

import json
import logging
import sys
import time
import traceback

from flask import Flask, Response, g, request

FIELDS = ("method", "endpoint", "status", "ms", "member", "error", "count", "mail")


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, object] = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"), "level": record.levelname, "event": record.getMessage()}
        event |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0]:
            event["error"] = record.exc_info[0].__name__  # its message may quote what somebody wrote
            event["at_line"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(record.exc_info[2])]
        return json.dumps(event)


def init_app(app: Flask) -> None:
    log = logging.getLogger("hub")
    log.setLevel(app.config["HUB_LOG_LEVEL"])
    log.propagate = False
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        log.addHandler(handler)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # its lines hold network addresses and invitation links
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    if request.endpoint != "assets.static":
        logging.getLogger("hub.request").info(
            "request",
            extra={
                "method": request.method,
                "endpoint": request.endpoint,
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000),
                "member": g.get("member_id"),
            },
        )
    return response
