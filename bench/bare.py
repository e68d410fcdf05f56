"""What everything is compared with: Flask, one query, and a Jinja page of 25 rows; nothing else."""

import os
import sqlite3
from queue import Empty, SimpleQueue

import psycopg
from flask import Flask, render_template
from jinja2 import DictLoader

ROWS = "SELECT id, title, last_post_at, last_num FROM thread WHERE pillar_id = 2 ORDER BY last_post_at DESC, id DESC LIMIT 25"
PAGE = """<!DOCTYPE html><title>Threads</title><ul>{% for id, title, last_post_at, last_num in rows %}
<li><a href="/threads/{{ id }}">{{ title }}</a> <time>{{ last_post_at }}</time> {{ last_num }}</li>{% endfor %}</ul>"""

app = Flask(__name__)
app.jinja_loader = DictLoader({"page.html": PAGE})
idle: SimpleQueue = SimpleQueue()


@app.get("/")
def page() -> str:
    try:
        connection = idle.get_nowait()
    except Empty:
        connection = connect(os.environ["BENCH_DATABASE"])
    rows = connection.execute(ROWS).fetchall()
    idle.put(connection)
    return render_template("page.html", rows=rows)


def connect(url: str):
    if url.startswith("postgresql"):
        return psycopg.connect(url, autocommit=True)
    return sqlite3.connect(url, check_same_thread=False, isolation_level=None)


if __name__ == "__main__":
    app.run("127.0.0.1", int(os.environ["BENCH_PORT"]), threaded=True)
