"""A process that answers requests: gunicorn -c deploy/gunicorn/web.py wsgi:app. Start as many as there are cores, each with a HUB_BIND of its own."""

import os

os.environ["HUB_ROLE"] = "web"  # workers inherit it
bind = os.environ.get("HUB_BIND", "127.0.0.1:8001")
worker_class = "gthread"
workers = 1
preload_app = True  # a worker that dies is replaced at once
threads = int(os.environ.get("HUB_THREADS", "16"))
timeout = 60
graceful_timeout = 30  # requests at work are finished
keepalive = 1
max_requests = 0
control_socket_disable = True  # its path is the same for every master of a user
accesslog = None  # its lines hold network addresses; the hub logs its own
errorlog = "-"


def post_worker_init(_worker):
    import gc

    gc.collect()
    gc.freeze()  # what is loaded by now stays
