"""The hub's live process, but for the cap of sockets for each member: the bench has few members with many pages."""

from hub import create_app, door

door.MOST_EACH = 1_000
app = create_app()
