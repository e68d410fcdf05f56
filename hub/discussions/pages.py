"""All pages of this room, on one blueprint."""

from hub.discussions import drafting as drafting
from hub.discussions import filing as filing
from hub.discussions import marking as marking
from hub.discussions import posting as posting
from hub.discussions import sockets as sockets
from hub.discussions import tending as tending
from hub.discussions.views import bp as bp
