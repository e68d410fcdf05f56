"""How the process is: for load balancers, and for whoever watches."""

import hmac
import time
from collections.abc import Callable

from flask import Flask, Response, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound

from hub import disk, heartbeat, listeners, live
from hub.db import db, migrations_pending, now
from hub.home.views import bp
from hub.mail.models import Mail
from hub.moderation import purging
from hub.rooms.models import Room
from hub.web import Answer

BEACON_LATE = 3 * listeners.BEAT  # seconds

ours = CollectorRegistry()
requests = Counter("hub_requests", "Answers by view and class of status.", ["view", "status"], registry=ours)
latency = Histogram("hub_request_seconds", "From the first line of a request to its answer.", registry=ours, buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10))
gauges: dict[str, tuple[Gauge, Callable[[], float]]] = {}


def _gauge(name: str, meaning: str) -> Callable[[Callable[[], float]], Callable[[], float]]:
    def keep(read: Callable[[], float]) -> Callable[[], float]:
        gauges[name] = Gauge(name, meaning, registry=ours), read
        return read

    return keep


@_gauge("hub_sockets", "Open pages that hear of news.")
def _sockets() -> float:
    return listeners.open_sockets()


@_gauge("hub_beacon_lag_seconds", "Since open pages were last looked at; 0 before the first one opened.")
def beacon_lag() -> float:
    last = listeners.looked_at["last"]
    return time.monotonic() - last if last else 0.0


@_gauge("hub_news_waiting", "News that wait to be sent.")
def _waiting() -> float:
    return live.waiting_to_be_sent()


@_gauge("hub_news_lost", "News that were dropped since the start: the queue was full, or Redis out of reach. Pages ask for what they missed.")
def _lost() -> float:
    bell = live.the_bell()
    return live.lost["full"] + (bell.lost if bell else 0)


@_gauge("hub_readers_put_out", "Websockets closed since the start because their reader did not read.")
def _evicted() -> float:
    return heartbeat.counted["evicted"]


@_gauge("hub_room_entries", "Entries of all rooms.")
def _entries() -> float:
    return float(db.session.scalar(select(func.coalesce(func.sum(Room.last_seq), 0))) or 0)


@_gauge("hub_letters_waiting", "Letters that are due and not sent.")
def _letters() -> float:
    return float(db.session.scalar(select(func.count()).select_from(Mail).where(Mail.done_at.is_(None), Mail.next_try_at <= now())) or 0)


@_gauge("hub_purges_waiting", "Removed texts that are not wiped from the disk yet.")
def _purges() -> float:
    return float(len(purging.status()[0]))


def watch(app: Flask) -> None:
    """Count every answer of this process."""

    @app.after_request
    def _count(answer: Response) -> Response:
        requests.labels(request.endpoint or "none", f"{answer.status_code // 100}xx").inc()
        latency.observe(time.perf_counter() - g.get("started", time.perf_counter()))
        return answer


@bp.get("/healthz")
def healthz() -> Answer:
    """The process answers."""
    return current_app.response_class("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def readyz() -> Answer:
    """200 while the process can serve, with what is not as it should be; 503 without its database or with migrations pending."""
    try:
        db.session.execute(sql("SELECT 1"))
        if migrations_pending():
            return _not_ready("migrations pending")
        return jsonify(ready=True, degraded=list(_degraded()))
    except SQLAlchemyError:
        return _not_ready("no database")


def _not_ready(why: str) -> Answer:
    answer = jsonify(ready=False, why=why)
    answer.status_code = 503
    return answer


def _degraded() -> list[str]:
    """In the words of docs/operate.md."""
    bell, role = live.the_bell(), current_app.config["HUB_ROLE"]
    deaf = bell is not None and (not bell.hears_itself() if role == "live" else not bell.answers())
    checks = {
        "redis unreachable": deaf,
        "beacon late": beacon_lag() > BEACON_LATE,
        "disk nearly full": disk.nearly_full(2 * current_app.config["HUB_RESERVE_MB"]),
        "purge pending": any(row.tries > purging.SOON for row in purging.status()[0]),
    }
    return [what for what, holds in checks.items() if holds]


@bp.get("/metrics")
def metrics() -> Answer:
    """Prometheus text of this process, for who sends the token."""
    token = str(current_app.config["HUB_METRICS_TOKEN"])
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFound
    for gauge, read in gauges.values():
        gauge.set(read())
    return current_app.response_class(generate_latest(ours), content_type=CONTENT_TYPE_LATEST)
