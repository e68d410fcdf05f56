"""./dev bench [--large | --live] [--engine sqlite|postgresql]: CPU time of the hub's pages, beside a bare Flask page in the same run.

CPU is what the server's processes and the database's used, user and system, for all requests of a page divided by their number; the middle one of five passes.
Sixteen signed-in members ask at once, each from a connection of its own, without compression, as a proxy would.
"""

import argparse
import contextlib
import http.client
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from itertools import count
from pathlib import Path

from bench import profile
from bench.bare import connect
from bench.table import Row, written
from hub.demo.accounts import PASSWORD

ROOT = Path(__file__).resolve().parent.parent
CLIENTS, ROUNDS, PASSES = 16, 10, 5  # requests of a page: their product; the middle pass counts, for the machine may be disturbed
READ_AGAIN = 8  # threads that every member has read before anything is measured
TICK = os.sysconf("SC_CLK_TCK")
FORGOTTEN = """DELETE FROM {table} WHERE user_id IN (SELECT id FROM "user" WHERE handle LIKE 'bulk._' OR handle LIKE 'bulk.1_')"""
ANSWERS = "SELECT id FROM thread WHERE label = 'TLP:GREEN' AND last_num BETWEEN 25 AND 90 ORDER BY id DESC LIMIT 800"


def main() -> None:
    arguments = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    arguments.add_argument("--large", action="store_true", help="compare 1,000,000 posts with 10,000")
    arguments.add_argument("--engine", choices=["sqlite", "postgresql"], action="append")
    arguments.add_argument("--profile", action="store_true", help="say where the time of a page goes, after the SQLite bench has made its data")
    arguments.add_argument("--size", type=int, default=100_000)
    arguments.add_argument("--live", action="store_true", help="deliveries to open pages beside stock Flask-SocketIO, idle pages, workers, Redis")
    chosen = arguments.parse_args()
    if chosen.live:
        from bench import live

        text = live.measured()
        print(text)
        (ROOT / "bench" / "live.txt").write_text(text)
        return
    if chosen.profile:
        text = profile.written(str(ROOT / "var" / "bench" / f"sqlite-{chosen.size}"))
        print(text)
        (ROOT / "bench" / "profile.txt").write_text(text)
        return
    sizes = (10_000, 1_000_000) if chosen.large else (chosen.size,)
    for engine in chosen.engine or ["sqlite", "postgresql"]:
        results = [measured(engine, size) for size in sizes]
        text = written(engine, sizes, results)
        print("\n" + text, flush=True)
        (ROOT / "bench" / f"{engine}{'-large' if chosen.large else ''}.txt").write_text(text)


# --- a hub with its data, and the bare page beside it ------------------------------------------------


@dataclass
class Server:
    process: subprocess.Popen
    port: int


def measured(engine: str, size: int) -> list[Row]:
    folder = ROOT / "var" / "bench" / f"{engine}-{size}"
    environ = os.environ | {
        "HUB_DATA": str(folder), "HUB_DATABASE_URL": database(engine, size), "HUB_DEMO": "1", "HUB_SECRET_KEY": secrets.token_hex(32),
        "HUB_WRITE_LIMIT": "1000000 per minute", "HUB_PASSWORD_MEMORY_KIB": "1024", "HUB_PASSWORD_ROUNDS": "1", "HUB_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    fill(folder, environ, engine, size)
    place = environ["HUB_DATABASE_URL"] or str(folder / "hub.sqlite3")
    with started("bench.bare", "BENCH_PORT", environ | {"BENCH_DATABASE": place}) as bare, started("hub.serve", "HUB_PORT", environ) as hub:
        connection = connect(place)
        for table in ("read_state", "read_count", "shown"):  # what earlier runs read is new again
            connection.execute(FORGOTTEN.format(table=table))
        threads = [row[0] for row in connection.execute(ANSWERS).fetchall()]
        longest = connection.execute("SELECT id, last_num FROM thread ORDER BY last_num DESC LIMIT 1").fetchone()
        connection.close()
        return list(rows(engine, bare, hub, threads, *longest))


def database(engine: str, size: int) -> str:
    """PostgreSQL keeps its data between runs in a database named for its size; SQLite in a file of its own folder."""
    if engine == "sqlite":
        return ""
    server = os.environ.get("HUB_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
    return server.rpartition("/")[0] + f"/hub_bench_{size}"


def fill(folder: Path, environ: dict[str, str], engine: str, size: int) -> None:
    """Make the data once; again when the tables have changed since."""
    versions = "".join(sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py")))
    stamp = folder / "filled"
    if stamp.exists() and stamp.read_text() == versions:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if engine == "postgresql":
        with contextlib.closing(connect(environ["HUB_DATABASE_URL"].rpartition("/")[0] + "/postgres")) as server:
            server.execute(f"DROP DATABASE IF EXISTS hub_bench_{size} WITH (FORCE)")
            server.execute(f"CREATE DATABASE hub_bench_{size}")
    print(f"· {engine}: making {size:,} posts", flush=True)
    for command in (["db", "upgrade"], ["hub", "seed", "--size", str(size)]):
        subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, env=environ, check=True, stderr=subprocess.DEVNULL)
    with contextlib.closing(connect(environ["HUB_DATABASE_URL"] or str(folder / "hub.sqlite3"))) as connection:
        connection.execute("ANALYZE")
    stamp.write_text(versions)


@contextlib.contextmanager
def started(module: str, port_name: str, environ: dict[str, str]) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environ = environ | {port_name: str(port), "HUB_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen([sys.executable, "-m", module], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _try in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                break
            time.sleep(0.1)
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


# --- members at work --------------------------------------------------------------------------------


class Member:
    """One signed-in browser that keeps cookies and its form token."""

    def __init__(self, port: int, number: int) -> None:
        self.port, self.cookies, self.turn = port, SimpleCookie(), count()
        page = self.ask("GET", "/sign-in")[1]
        fields = {"email": f"bulk.{number}@demo.example", "password": PASSWORD, "csrf_token": token_of(page)}
        assert self.ask("POST", "/sign-in", fields)[0] == 303
        self.token = token_of(self.ask("GET", "/account")[1])

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())}
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urllib.parse.urlencode(fields) if fields else None, headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.load(line)
        connection.close()
        return answer.status, body

    def get(self, path: str) -> None:
        status, _body = self.ask("GET", path)
        assert status == 200, (path, status)

    def reply(self, thread: int) -> None:
        fields = {"csrf_token": self.token, "body": "An answer of the usual kind.\n\nWith a second paragraph of some more words.", "lang": "en"}
        status, body = self.ask("POST", f"/threads/{thread}/posts", fields | {"client_id": secrets.token_hex(8), "parent": ""})
        assert status == 303, (status, body[:300])


def token_of(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def rows(engine: str, bare: Server, hub: Server, threads: list[int], longest: int, posts: int) -> Iterator[Row]:
    members = [Member(hub.port, number) for number in range(1, CLIENTS + 1)]
    slugs = {thread: members[0].ask("GET", f"/threads/{thread}")[1] for thread in (*threads, longest)}
    address = {thread: re.search(r'href="(/threads/[^"?]+)', body)[1] for thread, body in slugs.items()}
    long, turn = address[longest], count()
    practice = re.search(r'href="(/practices/\d+[^"]+)', members[0].ask("GET", "/practices")[1])[1]
    plain = Member.__new__(Member)
    plain.port, plain.cookies = bare.port, SimpleCookie()
    pages: list[tuple[str, Callable[[Member], None]]] = [
        ("thread list", lambda member: member.get("/pillars/protection")),
        ("thread page, new to one", lambda member: member.get(address[threads[READ_AGAIN + next(member.turn) % (len(threads) - READ_AGAIN)]])),
        ("thread page", lambda member: member.get(address[threads[next(turn) % READ_AGAIN]])),
        (f"first page of {posts:,}", lambda member: member.get(long + "?view=tree")),
        ("middle page, by time", lambda member: member.get(f"{long}?view=flat&after={posts // 2}")),
        ("last page", lambda member: member.get(long + "?view=tree&before=end")),
        ("home", lambda member: member.get("/")),
        ("library", lambda member: member.get("/practices")),
        ("practice page", lambda member: member.get(practice)),
        ("reply", lambda member: member.reply(threads[next(turn) % len(threads)])),
    ]
    for thread in threads[:READ_AGAIN]:
        every(members, lambda member, thread=thread: member.get(address[thread]), 1)
    passes: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _pass in range(PASSES):
        passes["bare page"].append(cost(engine, bare, [plain] * CLIENTS, lambda member: member.get("/"), 3 * ROUNDS))
        for name, visit in pages:
            passes[name].append(cost(engine, hub, members, visit, ROUNDS))
    for name, costs in passes.items():
        yield Row(name, *sorted(costs, key=sum)[PASSES // 2])


def cost(engine: str, server: Server, members: list[Member], visit: Callable[[Member], None], rounds: int) -> tuple[float, float]:
    """CPU milliseconds of one request: of the server, and of PostgreSQL."""
    every(members, visit, 1)  # nothing is measured cold
    before = used(server.process.pid), database_used(engine)
    every(members, visit, rounds)
    after = used(server.process.pid), database_used(engine)
    return tuple((late - early) * 1000 / (CLIENTS * rounds) for early, late in zip(before, after, strict=True))


def every(members: list[Member], visit: Callable[[Member], None], rounds: int) -> None:
    failures: list[BaseException] = []

    def work(member: Member) -> None:
        try:
            for _n in range(rounds):
                visit(member)
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=work, args=(member,)) for member in members]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]


def used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK


def database_used(engine: str) -> float:
    """CPU seconds of all PostgreSQL processes of this machine; SQLite works inside the server."""
    if engine == "sqlite":
        return 0.0
    total = 0.0
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (path / "comm").read_text().strip() == "postgres":
                total += used(int(path.name))
    return total


if __name__ == "__main__":
    main()
