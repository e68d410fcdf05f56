"""The hub past one process, as it is deployed: nginx, web and live processes, a PostgreSQL and a Redis of its own; each can be hurt."""

import contextlib
import getpass
import glob
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
UP_WITHIN = 60  # seconds


def free_port() -> int:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return probe.getsockname()[1]


def tool(name: str) -> str:
    """A program of this machine, in the places where packages put it."""
    places = [shutil.which(name), *sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True), f"/usr/sbin/{name}"]
    return next(place for place in places if place and Path(place).exists())


class PostgreSQL:
    """A server with a folder of its own; the system's user for it when tests run as root."""

    def __init__(self) -> None:
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="hub-postgresql-")), free_port()
        self.user = "postgres" if getpass.getuser() == "root" else getpass.getuser()
        shutil.chown(self.folder, self.user)
        self._run("initdb", "-D", str(self.folder), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        with (self.folder / "postgresql.conf").open("a") as settings:
            settings.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 100\n")
        self.start()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/hub"
        self._run("psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-qc", "CREATE DATABASE hub")

    def _run(self, name: str, *given: str) -> None:
        command = [tool(name), *given]
        if self.user == "postgres":
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-l", str(self.folder / "log"), "start")

    def restart(self) -> None:
        """At once: open transactions are torn off, and the log is replayed."""
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-m", "immediate", "-l", str(self.folder / "log"), "restart")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-m", "immediate", "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)


class Redis:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = [tool("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(lambda: self.command("PING"), 10)

    def answer(self, *words: str) -> bytes:
        """What Redis says to a command; nothing when it is away."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
                line.sendall(" ".join(words).encode() + b"\r\n")
                return line.recv(200).strip()
        except OSError:
            return b""

    def command(self, *words: str) -> bool:
        """Whether Redis took a command."""
        return self.answer(*words)[:1] not in (b"", b"-")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.go_on()
        self.kill()


class Process:
    """One web or live process: gunicorn's master and its worker, begun again when it ended, as systemd does; the socket of a web process is held for it."""

    def __init__(self, role: str, environ: dict[str, str], log: Path, app: str = "wsgi:app") -> None:
        self.role, self.log, self.environ = role, log, environ.copy()
        self.door = socket.create_server(("127.0.0.1", 0), backlog=512) if role == "web" else None
        self.port = self.door.getsockname()[1] if self.door else free_port()
        self.environ["HUB_BIND"] = f"127.0.0.1:{self.port}"
        self.command = [sys.executable, "-m", "gunicorn", "-c", f"deploy/gunicorn/{role}.py", app]
        self.start()

    def start(self) -> None:
        held = {"close_fds": False, "preexec_fn": lambda: os.dup2(self.door.fileno(), 3)} if self.door else {}
        command = ["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh", *self.command] if self.door else self.command
        with self.log.open("ab") as log:
            self.master = subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=log, stderr=log, start_new_session=True, **held)

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children")
        return [int(pid) for pid in children.read_text().split()] if children.exists() else []

    def kill(self) -> None:
        """All of it, without a word."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.master.pid, signal.SIGKILL)
        self.master.wait()

    def end(self, within: float = 60) -> None:
        """As systemd stops it: SIGTERM, and it takes its time."""
        self.master.terminate()
        self.master.wait(within)

    def answers(self, path: str = "/readyz") -> bool:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2).close()
            return True
        return False

    def revive(self) -> None:
        if self.master.poll() is not None:
            self.start()


class Cluster:
    """All of it; ``url`` is nginx."""

    def __init__(self, folder: Path, web: int = 2, live: int = 2, nginx: bool = True, app: str = "wsgi:app", **more: str) -> None:
        self.folder = folder
        self.postgresql, self.redis = PostgreSQL(), Redis(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {
            "HUB_URL": self.url, "HUB_DATA": str(folder / "data"), "HUB_DEMO": "1", "HUB_SECRET_KEY": secrets.token_hex(32), "HUB_DATABASE_URL": self.postgresql.url,
            "HUB_REDIS_URL": self.redis.url, "HUB_MAIL_URL": f"file:{folder / 'mail'}", "HUB_PASSWORD_MEMORY_KIB": "1024", "HUB_PASSWORD_ROUNDS": "1",
            "HUB_TRUSTED_PROXIES": "1", "HUB_LOG_LEVEL": "WARNING", "HUB_SOCKETS": "6000", "HUB_METRICS_TOKEN": "for the test",
        }  # fmt: skip
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | settings | more
        (folder / "data").mkdir()
        for command in (["db", "upgrade"], ["hub", "setup"], ["hub", "seed"]):
            subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, env=self.environ, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        roles = ["web"] * web + ["live"] * live
        self.processes = [Process(role, self.environ, folder / f"{role}-{n}.log", app) for n, role in enumerate(roles)]
        self.nginx = self._nginx() if nginx else None
        assert wait_for(lambda: all(one.answers() for one in self.processes), UP_WITHIN), self.logs()

    def of(self, role: str) -> list[Process]:
        return [one for one in self.processes if one.role == role]

    def _nginx(self) -> subprocess.Popen:
        """With the file of ``deploy/``: ports, certificate and folder are those of the test."""
        words = (ROOT / "deploy" / "nginx" / "hub.conf").read_text()
        for role, first in (("web", "800"), ("live", "900")):
            for number, one in enumerate(self.of(role), 1):
                words = words.replace(f"server 127.0.0.1:{first}{number} ", f"server 127.0.0.1:{one.port} ")
        words = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", words, flags=re.S)
        words = re.sub(r"    ssl_[^\n]*\n", "", words).replace("listen 443 ssl;", f"listen 127.0.0.1:{self.port};").replace("hub.example.org", "127.0.0.1")
        words = words.replace("/var/cache/nginx-hub", f"{self.folder}/nginx-cache").replace("error_log /var/log/nginx/error.log crit;", "").replace("limit_conn hub_address 100", "limit_conn hub_address 20000").replace("rate=60r/m", "rate=1000r/s")
        self.configuration = self.folder / "nginx.conf"
        places = "\n".join(f"{kind}_temp_path {self.folder}/nginx-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self.configuration.write_text(
            f"daemon off; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx.log; worker_processes 1; user {getpass.getuser()};\n"
            f"events {{ worker_connections 20000; }}\nhttp {{\n include /etc/nginx/mime.types;\n{places}\n{words}\n}}\n"
        )
        return subprocess.Popen([tool("nginx"), "-e", f"{self.folder}/nginx.log", "-c", str(self.configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def revive(self) -> None:
        for one in self.processes:
            one.revive()

    def logs(self) -> str:
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        for one in self.processes:
            one.kill()
            if one.door:
                one.door.close()
        if self.nginx:
            self.nginx.terminate()
            self.nginx.wait(10)
        self.redis.stop()
        self.postgresql.remove()


def wait_for(true, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.1)
    return False
