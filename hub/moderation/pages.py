"""Every page of the room, brought in for its routes."""

from hub.moderation import admin as admin
from hub.moderation import items as items
from hub.moderation import judging as judging
from hub.moderation import members as members
from hub.moderation import operating as operating
from hub.moderation import queue as queue
from hub.moderation.views import bp as bp
