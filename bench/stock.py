"""What the live process is compared with: Flask-SocketIO as its documentation starts it, under gunicorn and gevent, with Redis as its queue."""

import os

from flask import Flask
from flask_socketio import SocketIO, join_room

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent", message_queue=os.environ["HUB_REDIS_URL"], channel="bench", transports=["websocket"])


@socketio.on("join")
def join(room: dict) -> dict:
    join_room(f"thread {room['thread']}")
    return {"joined": room["thread"]}
