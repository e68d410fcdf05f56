"""By which words of their profile members are found."""

from sqlalchemy import exists, select

from hub.accounts.models import FoldedWord
from hub.accounts.words import replace_words
from hub.db import db
from hub.directory.models import Profile


def index_member(user_id: int) -> None:
    """Write anew by which role, name and expertise a member is found."""
    db.session.flush()
    profile = db.session.get_one(Profile, user_id)
    expertise = [("expertise", row.words) for row in profile.expertise]
    replace_words([("role", profile.user.role_title), ("name", profile.name), *expertise], user_id=user_id)


def index_missing_members() -> None:
    """Members who have no words yet, such as after an upgrade."""
    for user_id in db.session.scalars(select(Profile.user_id).where(~exists().where(FoldedWord.user_id == Profile.user_id))).all():
        index_member(user_id)
