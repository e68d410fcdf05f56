"""All pages of this room of the house, on one blueprint; and what its open pages hear."""

from hub.rooms import consenting as consenting
from hub.rooms import filing as filing
from hub.rooms import saying as saying
from hub.rooms import sockets
from hub.rooms.views import bp as bp

sockets.init_app()
