"""./dev bench --live: what it costs to tell open pages something, beside stock Flask-SocketIO in the same run; what idle pages cost, and workers, and Redis.

A delivery is one push to one page. Each push is committed to PostgreSQL and then rung through Redis, as a web process does; CPU is the live process's alone.
"""

import contextlib
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
from flask_socketio import SocketIO

from bench.__main__ import PASSES, ROOT, Member, database, every, fill, used
from hub.bell import Bell

WORDS = "An entry of the usual kind, of some three hundred characters. " * 5
REDIS = os.environ.get("HUB_TEST_REDIS", "redis://127.0.0.1:6379/0")
LARGE, SMALL, IDLE = (1, 100, 600), (200, 4, 4), 5_000  # rooms, pages in each, pushes to each
BEHIND = 3_000  # deliveries that may be on their way: more, and readers would be put out


class Cost(NamedTuple):
    name: str
    ours: float
    stock: float
    redis: float  # of ours, CPU ms for each push


def measured() -> str:
    folder = ROOT / "var" / "bench" / "postgresql-20000"
    environ = os.environ | {
        "HUB_DATA": str(folder), "HUB_DATABASE_URL": database("postgresql", 20_000), "HUB_REDIS_URL": REDIS, "HUB_DEMO": "1",
        "HUB_SECRET_KEY": secrets.token_hex(32), "HUB_PASSWORD_MEMORY_KIB": "1024", "HUB_PASSWORD_ROUNDS": "1", "HUB_LOG_LEVEL": "ERROR",
        "HUB_SOCKETS": "100000", "HUB_WRITE_LIMIT": "1000000 per minute",
    }  # fmt: skip
    fill(folder, environ, "postgresql", 20_000)
    with gunicorn("web", "wsgi:app", environ) as first, gunicorn("web", "wsgi:app", environ) as second:
        pages = _pages(first, second)
        cookies = [_cookie(Member(first.port, number)) for number in range(1, 41)]
        with psycopg.connect(environ["HUB_DATABASE_URL"], autocommit=True) as server:
            rooms = [row[0] for row in server.execute("SELECT id FROM thread WHERE label = 'TLP:GREEN' ORDER BY id LIMIT 200")]
        with gunicorn("live", "bench.many:app", environ) as ours, gunicorn("", "bench.stock:app", environ) as stock:
            costs = [_compared(name, rooms, shape, cookies, environ, ours, stock) for name, shape in (("1 room of 100", LARGE), ("200 rooms of 4", SMALL))]
        with gunicorn("live", "bench.many:app", environ) as fresh:
            idle = _idle(fresh, rooms[0], cookies)
    lines = ["postgresql and redis, one live process; deliveries for each CPU second of it, the middle one of five passes", ""]
    lines += [f"{'':<20}{'ours':>10}{'stock':>10}{'ratio':>8}{'aim':>6}   Redis, ms a push"]
    for one in costs:
        aim = "2.0" if one.name.startswith("1 ") else ""
        lines.append(f"{one.name:<20}{one.ours:>10,.0f}{one.stock:>10,.0f}{one.ours / one.stock:>8.2f}{aim:>6}   {one.redis:.3f}")
    return "\n".join([*lines, "", idle, "", *pages]) + "\n"


@contextlib.contextmanager
def gunicorn(role: str, app: str, environ: dict[str, str]) -> Iterator["_Worker"]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    how = ["-c", f"deploy/gunicorn/{role}.py"] if role else ["-k", "gevent", "-b", f"127.0.0.1:{port}", "--worker-connections", "10000", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", *how, "--log-level", "error", app]
    environ = environ | {"HUB_BIND": f"127.0.0.1:{port}", "HUB_URL": f"http://127.0.0.1:{port}"}
    master = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        for _try in range(300):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                children = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
                if children:
                    break
            time.sleep(0.1)
        time.sleep(4)  # the worker has read its code
        yield _Worker(int(children[0]), port)
    finally:
        master.terminate()
        master.wait(30)


class _Worker(NamedTuple):
    pid: int
    port: int


def _cookie(member: Member) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in member.cookies.items())


# --- deliveries --------------------------------------------------------------------------------------


@contextlib.contextmanager
def hearers(port: int, wanted: list[tuple[int, str]]) -> Iterator[tuple[subprocess.Popen, float]]:
    with tempfile.NamedTemporaryFile("w", suffix=".rooms") as rooms:
        rooms.write("".join(f"{room} {cookie}\n" for room, cookie in wanted))
        rooms.flush()
        command = [sys.executable, "-m", "bench.hearers", str(port), rooms.name]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = process.stdout.readline().split()
        assert said[:1] == ["ready"], "the pages did not open"
        try:
            yield process, float(said[1])
        finally:
            process.kill()
            process.wait()


def _come(process: subprocess.Popen) -> int:
    process.stdin.write("\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def _compared(name: str, rooms: list[int], shape: tuple[int, int, int], cookies: list[str], environ: dict[str, str], ours: _Worker, stock: _Worker) -> Cost:
    many, each, pushes = shape
    wanted = [(rooms[n], cookies[(n * each + page) % len(cookies)]) for n in range(many) for page in range(each)]
    bell = Bell(REDIS, environ["HUB_SECRET_KEY"], environ["HUB_DATABASE_URL"])
    queue = SocketIO(message_queue=REDIS, channel="bench")
    ring = {
        "ours": (ours, lambda room, heads: bell.send({"room": f"thread {room}", "event": "entry", "heads": heads})),
        "stock": (stock, lambda room, heads: queue.emit("entry", heads, to=f"thread {room}")),
    }
    found: dict[str, list[float]] = {"ours": [], "stock": []}
    redis: list[float] = []
    with hearers(ours.port, wanted) as (mine, _took), hearers(stock.port, wanted) as (theirs, _took):
        for _pass in range(PASSES):
            for kind, process in (("ours", mine), ("stock", theirs)):
                worker, push = ring[kind]
                spent, in_redis = _flood(environ["HUB_DATABASE_URL"], worker, process, push, rooms[:many], each, pushes)
                found[kind].append(many * each * pushes / spent)
                if kind == "ours":
                    redis.append(in_redis * 1000 / (many * pushes))
    return Cost(name, statistics.median(found["ours"]), statistics.median(found["stock"]), statistics.median(redis))


def _flood(url: str, worker: _Worker, process: subprocess.Popen, push, rooms: list[int], each: int, pushes: int) -> tuple[float, float]:
    """CPU seconds of the live process, and of Redis, until all has arrived."""
    before, expected = _come(process), len(rooms) * each * pushes
    spent, in_redis = used(worker.pid), _redis_used()
    pushed = 0
    with psycopg.connect(url, autocommit=True) as server:
        for n in range(pushes):
            for room in rooms:
                server.execute("UPDATE thread SET last_post_at = last_post_at WHERE id = %s", [room])
                push(room, {"room": room, "seq": n, "n": n, "html": WORDS})
                pushed += each
                if pushed - (_come(process) - before) > BEHIND:
                    _wait(process, before + pushed - BEHIND // 2)
    _wait(process, before + expected)
    return used(worker.pid) - spent, _redis_used() - in_redis


def _wait(process: subprocess.Popen, number: int) -> None:
    deadline = time.monotonic() + 60
    while _come(process) < number:
        assert time.monotonic() < deadline, "something did not arrive"
        time.sleep(0.01)


def _redis_used() -> float:
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (path / "comm").read_text().strip() == "redis-server":
                return used(int(path.name))
    return 0.0


# --- idle pages, and workers ---------------------------------------------------------------------------


def _memory(pid: int) -> float:
    """Resident MB."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _idle(worker: _Worker, room: int, cookies: list[str]) -> str:
    empty = _memory(worker.pid)
    with hearers(worker.port, [(room, cookies[n % len(cookies)]) for n in range(IDLE)]) as (_process, took):
        time.sleep(6)
        full, spent = _memory(worker.pid), used(worker.pid)
        time.sleep(20)
        share = (used(worker.pid) - spent) / 20
    return (
        f"{IDLE:,} idle pages on one live process: opened one after the other in {took:.1f} s ({took * 1000 / IDLE:.2f} ms each), "
        f"{full:.0f} MB instead of {empty:.0f} ({(full - empty) * 1024 / IDLE:.0f} kB each), {share * 100:.0f} % of one core for pings and beacon"
    )


def _pages(first: _Worker, second: _Worker) -> list[str]:
    """Thread lists a second, and CPU ms of each, with one web process and with two."""
    lines = []
    for name, workers in (("1 web process", [first]), ("2 web processes", [first, second])):
        members = [Member(workers[n % len(workers)].port, n + 1) for n in range(16)]
        every(members, lambda member: member.get("/pillars/protection"), 2)
        spent, began = sum(used(one.pid) for one in workers), time.perf_counter()
        every(members, lambda member: member.get("/pillars/protection"), 25)
        took, spent = time.perf_counter() - began, sum(used(one.pid) for one in workers) - spent
        lines.append(f"{name:<18}{16 * 25 / took:>6.0f} thread lists a second, {spent * 1000 / (16 * 25):.2f} CPU ms each")
    return [*lines, "(clients and PostgreSQL work on the same two cores)"]
