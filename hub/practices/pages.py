"""All pages of this room, on one blueprint."""

from hub.practices import browsing as browsing
from hub.practices import filing as filing
from hub.practices import handling as handling
from hub.practices import steps as steps
from hub.practices.views import bp as bp
