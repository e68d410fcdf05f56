"""A hub of its own with the demo, started as ./dev starts it, and Debian's Chromium."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from hub.demo.accounts import DOMAIN, PASSWORD

ROOT = Path(__file__).resolve().parent.parent.parent
QUIET = [
    "--no-sandbox", "--disable-gpu", "--in-process-gpu", "--renderer-process-limit=1", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return {"executable_path": os.environ.get("HUB_CHROMIUM", "/usr/bin/chromium"), "args": QUIET}


@dataclass
class Site:
    url: str
    data: Path
    process: subprocess.Popen[bytes]
    secret: str = ""


def start_site(data: Path, module: tuple[str, ...] = ("hub.serve",), **more: str) -> Site:
    """Start the embedded server, or a module that is like it, on a free port and wait until it answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    settings = {
        "HUB_PORT": str(port), "HUB_URL": f"http://127.0.0.1:{port}", "HUB_DATA": str(data), "HUB_DEMO": "1", "HUB_SECRET_KEY": secrets.token_hex(32),
        "HUB_MAIL_URL": f"file:{data / 'mail'}", "HUB_PASSWORD_MEMORY_KIB": "1024", "HUB_PASSWORD_ROUNDS": "1", "HUB_LOG_LEVEL": "WARNING",
    }  # fmt: skip
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | settings | more
    log = open(data / "server.log", "ab")  # noqa: SIM115 (the process keeps it)
    process = subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT, env=environ, stdout=log, stderr=log)
    log.close()
    site = Site(environ["HUB_URL"], data, process, environ["HUB_SECRET_KEY"])
    for _try in range(300):
        try:
            urllib.request.urlopen(f"{site.url}/readyz", timeout=1).close()
            return site
        except OSError:
            assert process.poll() is None, (data / "server.log").read_text()
            time.sleep(0.1)
    raise AssertionError("the hub did not start")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    started = start_site(tmp_path_factory.mktemp("site"))
    yield started
    started.process.terminate()
    started.process.wait(10)


@pytest.fixture
def open_browser(browser: Browser, site: Site) -> Iterator[Callable[..., BrowserContext]]:
    """A browser window of its own; anything the page logs as an error, or asks of another host, fails the test."""
    contexts, complaints = [], []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(**{"base_url": site.url} | options)
        context.set_default_timeout(20_000)
        context.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)
        context.on("request", lambda request: complaints.append(request.url) if not request.url.startswith((options.get("base_url", site.url), "data:", "blob:")) else None)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def _is_complaint(message: object) -> bool:
    expected = ("Failed to load resource: the server responded with a status of 4", "Failed to load resource: net::ERR_INTERNET_DISCONNECTED",
                "Failed to load resource: net::ERR_CONNECTION_REFUSED", "ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED", "net::ERR_EMPTY_RESPONSE", "net::ERR_CONNECTION_RESET", "net::ERR_SOCKET_NOT_CONNECTED", "net::ERR_CONNECTION_CLOSED",
                "WebSocket handshake: Unexpected response code: 403", "Connection closed before receiving a handshake response")  # fmt: skip
    return message.type == "error" and not any(words in message.text for words in expected)


@pytest.fixture
def sign_in(open_browser: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A page of a demo account, signed in through the form."""

    def make(handle: str, **options: object) -> Page:
        page = open_browser(**options).new_page()
        page.goto("/sign-in")
        fill_in(page, handle)
        return page

    return make


def fill_in(page: Page, handle: str) -> None:
    page.get_by_label("Official e-mail address").fill(f"{handle}@{DOMAIN}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_in_beside(page: Page, handle: str) -> None:
    """Sign in while another page of the same browser asks the hub: its answer may take the form's token along, and the form is shown again."""
    fill_in(page, handle)
    if page.url.endswith("/sign-in"):
        fill_in(page, handle)
    page.wait_for_url("**/")


def started(page: Page) -> None:
    """Wait until everything that runs in the page runs, so that a key pressed now is heard."""
    page.locator("html[data-started]").wait_for(state="attached")
