"""All pages of this room, on one blueprint."""

from hub.home import files as files
from hub.home import health as health
from hub.home import inbox as inbox
from hub.home import own as own
from hub.home import people as people
from hub.home.views import bp as bp
