"""A process that holds websockets: gunicorn -c deploy/gunicorn/live.py wsgi:app. One carries thousands; start two, so that one may be restarted."""

import os

from gevent import monkey

monkey.patch_all()  # before the hub, psycopg and redis are imported

os.environ["HUB_ROLE"] = "live"  # workers inherit it
os.environ.setdefault("HUB_SOCKETS", "4000")
bind = os.environ.get("HUB_BIND", "127.0.0.1:9001")
worker_class = "gevent"
preload_app = True  # it listens only when it can answer, so that pages that look for a process never wait for this one to read its code
workers = 1
worker_connections = 10_000
timeout = 60
GOODBYE = 5  # seconds over which sockets are closed when the process is to end
graceful_timeout = GOODBYE + 5
control_socket_disable = True
accesslog = None
errorlog = "-"


def post_worker_init(worker):
    import gc

    import gevent

    from hub import listeners

    gc.collect()
    gc.freeze()
    listeners.look_after(worker.wsgi)
    gevent.spawn(_leave_in_time, worker)


def _leave_in_time(worker):
    """Once SIGTERM has come: no new sockets, and goodbye to those that are open, a few at a time."""
    import gevent

    from hub import live

    while worker.alive:
        gevent.sleep(0.2)
    live.say_goodbye(GOODBYE)
