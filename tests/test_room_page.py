"""What a page of a room does with what it hears and what it sends: its own modules, in Node."""

import json
import random
import shutil
import subprocess
from pathlib import Path

from tests.factories import MORE

ROOT = Path(__file__).resolve().parent.parent


def in_node(script: str, tries: int, *more: str) -> dict[str, int]:
    """Run a script against a module of the page itself, with a seed of its own."""
    node = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
    command = [node, str(ROOT / "tests" / "rooms" / script), str(tries), str(random.randrange(10**9)), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_the_reducer_ends_equal_to_the_log_for_any_shuffle_loss_and_doubling():
    assert in_node("reducer.mjs", 3_000 * MORE)["tried"] == 3_000 * MORE


def test_the_outbox_sends_each_entry_once_and_in_order_over_losses_and_reloads():
    assert in_node("outbox.mjs", 100 * MORE)["disordered"] == 0


def test_control_an_outbox_that_sends_all_at_once_loses_the_order():
    assert in_node("outbox.mjs", 20, "all at once")["disordered"] > 0
