"""The page of a member and of an organisation: what the directory knows, and what they do here."""

from flask import render_template, url_for

from hub import web
from hub.accounts.queries import get_organisation, people_of
from hub.directory.forms import AVAILABILITIES
from hub.directory.queries import get_card
from hub.discussions.lists import open_questions
from hub.discussions.postlists import written_by
from hub.discussions.views import guard_copies, note_served
from hub.home.views import bp
from hub.pillars.queries import all_pillars
from hub.web import Answer, me, signed_in


@bp.get("/people/<titled:user_id>")
@signed_in
def person(user_id: int) -> Answer:
    card = get_card(me(), user_id)
    if elsewhere := web.elsewhere(url_for(".person", user_id=card.user)):
        return elsewhere
    posts = written_by(me(), card.user.id)
    guard_copies(*posts)
    pillars = {pillar.id: pillar for pillar in all_pillars()}
    page = render_template("directory/person.html", card=card, pillars=pillars, posts=posts, availabilities=dict(AVAILABILITIES))
    note_served([line.id for line in posts])
    return page


@bp.get("/organisations/<titled:organisation_id>")
@signed_in
def organisation(organisation_id: int) -> Answer:
    found = get_organisation(me(), organisation_id)
    if elsewhere := web.elsewhere(url_for(".organisation", organisation_id=found)):
        return elsewhere
    questions = open_questions(me(), found.root_id)
    guard_copies(*questions)
    return render_template("accounts/organisation.html", organisation=found, people=people_of(me(), found), questions=questions)
