"""All pages of this room of the house, on one blueprint."""

from hub.minutes import doing as doing
from hub.minutes import leaving as leaving
from hub.minutes import revising as revising
from hub.minutes import signatures as signatures
from hub.minutes.views import bp as bp
