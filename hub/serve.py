"""The embedded server, good for tens of people: migrates, puts reference data (and the demo) in place, sends mail, serves."""

import contextlib
import gc
import logging
import threading
import time

from flask import Flask
from flask_migrate import upgrade

from hub import config, create_app, setup
from hub.db import migrations_pending, unit_of_work
from hub.deliver import turn
from hub.demo import seed
from hub.discussions import attaching
from hub.live import socketio

LOOK_EVERY = 2  # seconds
log = logging.getLogger("hub.mail")


def main() -> None:
    app = create_app()
    with app.app_context():
        prepare(app)
    gc.collect()
    gc.freeze()  # what is loaded by now stays: looking for waste among it again and again is a tenth of the work
    threading.Thread(target=deliver_forever, args=(app,), daemon=True).start()
    port = app.config["HUB_PORT"]
    _say(f"serving on http://127.0.0.1:{port} (Ctrl-C stops)")
    with contextlib.suppress(KeyboardInterrupt):
        socketio.run(app, host="127.0.0.1", port=port, allow_unsafe_werkzeug=True)


def deliver_forever(app: Flask) -> None:
    while True:
        time.sleep(LOOK_EVERY)
        with app.app_context():
            try:
                turn()
            except Exception:  # the demo's mail must not end with one bad moment
                log.exception("mail waits")


def prepare(app: Flask) -> None:
    if migrations_pending():
        _say("migrating the database")
        upgrade(str(config.ROOT / "migrations"))
    attaching.tidy()
    with unit_of_work():
        setup.put_reference_data()
        if app.config["HUB_DEMO"]:
            threads = seed.sow()
            if threads:
                _say(f"demo content: {threads} threads")


def _say(step: str) -> None:
    print(f"· {step}", flush=True)


if __name__ == "__main__":
    main()
