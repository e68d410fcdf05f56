"""Every endpoint against every kind of visitor. A route without a line here fails."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.accounts.models import User
from hub.db import db, now, unit_of_work
from hub.discussions.models import Post, Thread
from hub.drafts.models import Draft
from hub.files import store
from hub.files.models import File
from hub.mail.models import Mail
from hub.membership.models import Invitation
from hub.minutes.models import Task
from hub.moderation.models import Sanction
from hub.review.models import Held, ReviewItem
from hub.rooms.models import Room
from hub.text import prepare_line
from tests.factories import Browser, World, empty
from tests.minutes import paper
from tests.practices import scene as practices
from tests.rooms import scene as rooms

READERS = ("anonymous", "invited", "suspended", "partner", "member", "same_organisation", "author", "focal_point", "reviewer", "moderator", "admin")
IN, SEE = "sign-in", 301  # sign-in: the redirect or the page that asks for it

# What each visitor gets, in the order of READERS. {thread}: GREEN, by the Lao author; {post}: hers; {org}: the Lao task force.
OUT3 = (IN, IN, IN)


def everybody(code: int) -> tuple:
    return (code,) * 11


def signed_in(code: int) -> tuple:
    return (*OUT3, *(code,) * 8)


def only(code: int, *names: str, otherwise: int = 403) -> tuple:
    return (*OUT3, *(code if name in names else otherwise for name in READERS[3:]))


THREAD = {"title": "A new thread", "kind": "question", "label": "TLP:GREEN", "lang": "en", "body": "words"}
EDIT = {"title": "Another title", "lang": "en", "body": "other words", "revision": "1"}
ORGANISATION = {"name": "Full name", "short_name": "Short", "version": "1"}
INVITATION = {"email": "new@example.org", "role_title": "Officer", "role": "member", "organisation": "{org}"}

ROUTES: dict[str, tuple[str, dict[str, str], tuple]] = {
    "GET accounts.account": ("/account", {}, signed_in(200)),
    "POST accounts.account": ("/account", {"current_password": "x"}, signed_in(400)),
    "GET accounts.edit_organisation": ("/organisations/{org}/edit", {}, only(200, "focal_point", "admin")),
    "POST accounts.edit_organisation": ("/organisations/{org}/edit", ORGANISATION, only(303, "focal_point", "admin")),
    "GET accounts.forgotten": ("/forgotten", {}, everybody(200)),
    "POST accounts.forgotten": ("/forgotten", {"email": "{name}@example.org"}, everybody(200)),
    "GET home.organisation": ("/organisations/{org}", {}, signed_in(SEE)),
    "GET accounts.organisations": ("/organisations", {}, signed_in(200)),
    "GET accounts.reset": ("/passwords/nothing", {}, everybody(410)),
    "POST accounts.reset": ("/passwords/nothing", {"password": "x"}, everybody(410)),
    "GET accounts.sign_in": ("/sign-in", {}, (200, 200, 200, *(302,) * 8)),
    "POST accounts.sign_in_now": ("/sign-in", {"email": "{name}@example.org", "password": "x"}, everybody(401)),
    "POST accounts.sign_out": ("/sign-out", {}, signed_in(303)),
    "GET assets.static": ("/static/any/icon.svg", {}, everybody(200)),
    "GET directory.edit_profile": ("/account/profile", {}, signed_in(200)),
    "POST directory.edit_profile": ("/account/profile", {"role_title": ""}, signed_in(400)),
    "GET directory.people": ("/people", {}, signed_in(200)),
    "GET home.person": ("/people/{author}", {}, signed_in(SEE)),
    "GET discussions.delete_post": ("/threads/{thread}/posts/{post}/delete", {}, only(200, "author")),
    "POST discussions.delete_post": ("/threads/{thread}/posts/{post}/delete", {}, only(303, "author")),
    "GET discussions.edit_post": ("/threads/{thread}/posts/{post}/edit", {}, only(200, "author")),
    "POST discussions.edit_post": ("/threads/{thread}/posts/{post}/edit", EDIT, only(303, "author")),
    "GET discussions.files_of_post": ("/threads/{thread}/posts/{post}/files", {}, only(200, "author")),
    "POST discussions.add_files": ("/threads/{thread}/posts/{post}/files", {"x": "1"}, only(400, "author")),
    "POST discussions.remove_file": ("/threads/{thread}/posts/{post}/files/x/remove", {"x": "1"}, only(303, "author")),
    "GET home.file": ("/files/{file}", {}, signed_in(200)),
    "GET moderation.file_of_item": ("/moderation/{item}/files/x", {}, only(404, "moderator")),
    "POST discussions.lock": ("/threads/{thread}/lock", {"locked": "1"}, only(303, "moderator")),
    "POST discussions.make_public": ("/threads/{clear}/publish", {"read_upto": "1", "read_at": "2999-01-01T00:00:00+00:00"}, only(303, "moderator")),
    "POST discussions.take_back": ("/threads/{public}/take-back", {}, only(303, "author", "moderator")),
    "GET discussions.new_posts": ("/new", {}, signed_in(200)),
    "GET discussions.bookmarks": ("/bookmarks", {}, signed_in(200)),
    "GET discussions.drafts_page": ("/drafts", {}, signed_in(200)),
    "POST discussions.discard_draft": ("/drafts/{draft}/discard", {}, only(303, "author", otherwise=404)),
    "POST discussions.keep_thread": ("/pillars/protection/threads/draft", THREAD, signed_in(303)),
    "POST discussions.keep_reply": ("/threads/{thread}/draft", {"body": "words", "lang": "en"}, signed_in(303)),
    "POST discussions.keep_edit": ("/threads/{thread}/posts/{post}/draft", EDIT, only(303, "author")),
    "POST discussions.bookmark": ("/threads/{thread}/posts/{post}/bookmark", {"on": "1"}, signed_in(303)),
    "POST discussions.answer": ("/threads/{thread}/posts/{post}/answer", {"on": "1"}, only(303, "author", "moderator")),
    "POST discussions.seen": ("/threads/{thread}/seen", {"nums": "1,2"}, signed_in(204)),
    "GET discussions.news": ("/threads/{thread}/news?after=0", {}, signed_in(200)),
    "POST discussions.mark_pillar_read": ("/pillars/protection/read", {}, signed_in(303)),
    "POST accounts.change_handle": ("/account/handle", {"handle": "x.{name}"}, (*OUT3, 303, 303, 400, 303, 400, 303, 303, 303)),
    "GET home.inbox": ("/notifications", {}, signed_in(200)),
    "GET home.count": ("/notifications/count", {}, signed_in(200)),
    "POST home.mark_inbox_read": ("/notifications/read", {}, signed_in(303)),
    "POST home.undo_read": ("/notifications/undo", {}, signed_in(303)),
    "POST home.choose_mail": ("/notifications/by-mail", {"by_mail": "1"}, signed_in(303)),
    "POST discussions.take_back_held": ("/held/{held}/take-back", {}, only(303, "author", otherwise=404)),
    "GET moderation.safeguard": ("/moderation/safeguard", {}, only(200, "moderator", "admin")),
    "GET moderation.safeguard_rule": ("/moderation/safeguard/phone", {}, only(200, "moderator", "admin")),
    "POST moderation.switch_rule": ("/moderation/safeguard/phone", {"off": "1"}, only(303, "admin")),
    "GET moderation.audit_page": ("/moderation/audit", {}, only(200, "admin")),
    "GET moderation.flags": ("/flags?target=post:{post_id}", {}, (*OUT3, 200, 200, 200, 403, 200, 200, 200, 200)),
    "POST moderation.flags": ("/flags", {"target": "post:{post_id}", "reason": "off_topic", "note": ""}, (*OUT3, 303, 303, 303, 403, 303, 303, 303, 303)),
    "GET moderation.queue": ("/moderation", {}, only(200, "moderator")),
    "POST moderation.decide_together": ("/moderation/decide", {"item": "1:1", "decision": "dismiss"}, only(303, "moderator")),
    "GET moderation.item": ("/moderation/{item}", {}, only(200, "moderator")),
    "POST moderation.claim": ("/moderation/{item}/claim", {"version": "1"}, only(303, "moderator")),
    "POST moderation.unmask": ("/moderation/{item}/unmask", {"place": "0-1"}, only(303, "moderator")),
    "POST moderation.decide": ("/moderation/{item}/decide", {"version": "1", "decision": "dismiss", "reason": "It is fine"}, only(303, "moderator")),
    "GET moderation.decision": ("/decisions/{decided}", {}, only(200, "author", otherwise=404)),
    "POST moderation.appeal": ("/decisions/{decided}/appeal", {"note": "Look again, please"}, only(303, "author", otherwise=404)),
    "GET moderation.exposure": ("/moderation/{decided}/exposure", {}, only(200, "focal_point", "moderator", otherwise=404)),
    "GET moderation.house_rules": ("/house-rules", {}, signed_in(200)),
    "GET moderation.own_sanctions": ("/account/sanctions", {}, signed_in(200)),
    "GET moderation.sanctions": ("/moderation/sanctions", {}, only(200, "moderator", "admin")),
    "POST moderation.sanctions": ("/moderation/sanctions", {"handle": "{handle}", "sanction": "warn", "reason": "R3: an insult"}, only(303, "moderator", "admin")),
    "POST moderation.lift": ("/moderation/sanctions/{sanction}/lift", {}, only(303, "moderator", "admin")),
    "GET moderation.held": ("/held/{held}", {}, only(200, "author", otherwise=404)),
    "GET moderation.operate": ("/threads/{thread}/surgery", {}, only(200, "moderator")),
    "POST moderation.move": ("/threads/{thread}/move", {"pillar": "prevention"}, only(303, "moderator")),
    "POST moderation.split": ("/threads/{thread}/split", {"num": "{post}", "title": "A branch of its own"}, only(303, "moderator")),
    "POST moderation.merge": ("/threads/{thread}/merge", {"into": "{clear}"}, only(400, "moderator")),
    "GET moderation.organisations_page": ("/moderation/organisations", {}, only(200, "admin")),
    "POST moderation.organisations_page": ("/moderation/organisations", {"kind": "partner", "name": "A partner", "short_name": "New partner"}, only(303, "admin")),
    "POST moderation.hang_under": ("/moderation/organisations/{agency}/parent", {"parent": "{org}"}, only(303, "admin")),
    "GET moderation.tags": ("/moderation/tags", {}, only(200, "admin")),
    "POST moderation.tags": ("/moderation/tags", {"name": "A new topic"}, only(303, "admin")),
    "POST moderation.change_tag": ("/moderation/tags/1", {"name": "Another name", "active": "1"}, only(303, "admin")),
    "GET moderation.pillars": ("/moderation/pillars", {}, only(200, "admin")),
    "POST moderation.change_pillar": ("/moderation/pillars/protection", {"name": "Protection", "lead": "Another lead"}, only(303, "admin")),
    "GET moderation.grants": ("/moderation/grants", {}, only(200, "admin")),
    "POST moderation.grants": ("/moderation/grants", {"handle": "{handle}", "what": "reviewer", "pillar": "protection", "role": "member", "given": "1"}, only(303, "admin")),
    "GET moderation.states_page": ("/moderation/states", {}, only(200, "admin")),
    "POST moderation.switch_state": ("/moderation/states/LA", {"switch": "may_open_rooms", "on": "0"}, only(303, "admin")),
    "GET directory.named": ("/@tf.la", {}, signed_in(302)),
    "GET directory.suggestions": ("/suggestions?q=tf", {}, signed_in(200)),
    "GET discussions.unread": ("/threads/{thread}/unread", {}, signed_in(302)),
    "POST discussions.mark_read": ("/threads/{thread}/read", {}, signed_in(303)),
    "POST discussions.mark_unread": ("/threads/{thread}/posts/{post}/unread", {}, signed_in(303)),
    "GET discussions.new_thread": ("/pillars/protection/threads/new", {}, signed_in(200)),
    "POST discussions.new_thread": ("/pillars/protection/threads/new", THREAD, signed_in(303)),
    "GET discussions.pillar": ("/pillars/protection", {}, signed_in(200)),
    "GET discussions.pillars": ("/pillars", {}, signed_in(200)),
    "POST discussions.pin": ("/threads/{thread}/pin", {"pinned": "1"}, only(303, "moderator")),
    "GET discussions.history": ("/threads/{thread}/posts/{edited}/history", {}, signed_in(200)),
    "GET discussions.post": ("/threads/{thread}/posts/{post}", {}, signed_in(302)),
    "POST discussions.reply": ("/threads/{thread}/posts", {"body": "words", "parent": "", "lang": "en"}, signed_in(303)),
    "GET discussions.thread": ("/threads/{thread}", {}, signed_in(SEE)),
    "GET home.front": ("/", {}, everybody(200)),
    "GET home.healthz": ("/healthz", {}, everybody(200)),
    "GET home.kept_mail": ("/demo/mail", {}, (*OUT3, *(404,) * 8)),
    "GET home.metrics": ("/metrics", {}, (*OUT3, *(404,) * 8)),
    "GET home.readyz": ("/readyz", {}, everybody(200)),
    "GET home.style": ("/style", {}, (*OUT3, *(404,) * 8)),
    "GET membership.accept": ("/invitations/nothing", {}, everybody(410)),
    "GET membership.accept, with the link": ("/invitations/{token}", {}, everybody(200)),
    "POST membership.accept, with the link": ("/invitations/{token}", {"role_title": ""}, everybody(400)),
    "POST membership.accept": ("/invitations/nothing", {}, everybody(410)),
    "POST membership.deactivate": ("/members/{colleague}/deactivate", {}, only(303, "focal_point", "admin", otherwise=404)),
    "GET membership.members": ("/organisations/{org}/members", {}, only(200, "focal_point", "admin")),
    "POST membership.members": ("/organisations/{org}/members", INVITATION, only(303, "focal_point", "admin")),
    "POST membership.let_moderate": ("/members/{colleague}/moderator", {"moderates": "1"},
                                     (*OUT3, 404, 404, 404, 404, 403, 404, 404, 303)),
    "POST membership.reactivate": ("/members/{gone}/reactivate", {}, only(303, "focal_point", "admin", otherwise=404)),
    "POST membership.resend": ("/invitations/{invitation}/resend", {}, only(303, "focal_point", "admin", otherwise=404)),
    "GET practices.listed": ("/practices", {}, everybody(200)),
    "GET practices.export": ("/practices.csv", {}, signed_in(200)),
    "GET practices.export, for programs": ("/practices.json", {}, signed_in(200)),
    "GET practices.mine": ("/practices/mine", {}, signed_in(200)),
    "GET practices.to_review": ("/practices/to-review", {}, only(200, "moderator")),
    "GET practices.new": ("/practices/new", {}, (*OUT3, 403, 200, 200, 200, 200, 200, 200, 403)),
    "POST practices.new": ("/practices/new", {"title": "A practice of ours", "pillar": "protection"}, (*OUT3, 403, 303, 303, 303, 303, 303, 303, 403)),
    "GET practices.practice": ("/practices/{practice}", {}, (*OUT3, *(SEE,) * 8)),
    "GET practices.practice, a draft": ("/practices/{begun}", {}, only(SEE, "author", otherwise=404)),
    "GET practices.practice, with the focal point": ("/practices/{sent}", {}, only(SEE, "author", "focal_point", "moderator", otherwise=404)),
    "GET practices.practice, under review": ("/practices/{in_review}", {}, only(SEE, "author", "focal_point", "moderator", "reviewer", otherwise=404)),
    "GET practices.practice, under AMBER": ("/practices/{amber}", {}, (*OUT3, 404, SEE, SEE, SEE, SEE, SEE, SEE, 404)),
    "GET practices.practice, public": ("/practices/{open}", {}, everybody(SEE)),
    "GET practices.compare": ("/practices/{practice}/compare", {}, signed_in(200)),
    "GET practices.sheet": ("/practices/{practice}/print", {}, signed_in(200)),
    "GET home.file, of a practice": ("/files/{practice_file}", {}, signed_in(200)),
    "GET practices.files_of_practice": ("/practices/{begun}/files", {}, only(200, "author", otherwise=404)),
    "POST practices.add_files": ("/practices/{begun}/files", {}, only(400, "author", otherwise=404)),
    "POST practices.remove_file": ("/practices/{begun}/files/x/remove", {}, only(303, "author", otherwise=404)),
    "GET practices.step": ("/practices/{begun}/steps/1", {}, only(200, "author", otherwise=404)),
    "POST practices.save_step": ("/practices/{begun}/steps/4", {"lessons": "What we learned."}, only(303, "author", otherwise=404)),
    "POST practices.keep_step": ("/practices/{begun}/steps/4/draft", {"lessons": "What we learned."}, only(303, "author", otherwise=404)),
    "POST practices.submit": ("/practices/{begun}/submit", {}, only(303, "author", otherwise=404)),
    "GET practices.decide": ("/practices/{practice}/endorse", {}, only(403, otherwise=403)),
    "GET practices.decide, clearance": ("/practices/{sent}/clear", {}, (*OUT3, 404, 404, 404, 403, 200, 404, 403, 404)),
    "POST practices.decide": ("/practices/{sent}/clear", {"words": "Cleared."}, (*OUT3, 404, 404, 404, 403, 303, 404, 403, 404)),
    "GET practices.reviewers": ("/practices/{in_review}/reviewers", {}, (*OUT3, 404, 404, 404, 403, 403, 403, 200, 404)),
    "POST practices.reviewers": ("/practices/{in_review}/reviewers", {}, (*OUT3, 404, 404, 404, 403, 403, 403, 303, 404)),
    "GET practices.review": ("/practices/{in_review}/review", {}, only(200, "reviewer", otherwise=404)),
    "POST practices.review": ("/practices/{in_review}/review", {}, only(400, "reviewer", otherwise=404)),
    "GET practices.comment": ("/practices/{practice}/comment", {}, only(403)),
    "POST practices.comment": ("/practices/{practice}/comment", {"words": "No comment."}, only(403)),
    "GET practices.adopt": ("/practices/{practice}/adopt", {}, only(403)),
    "POST practices.adopt": ("/practices/{practice}/adopt", {}, only(403)),
    "POST practices.make_public": ("/practices/{asks}/public", {}, only(303, "moderator")),
    "GET rooms.rooms": ("/rooms", {}, signed_in(200)),
    "GET rooms.propose": ("/rooms/new", {}, only(200, "focal_point")),
    "POST rooms.propose": ("/rooms/new", {"title": "x"}, only(400, "focal_point")),
    "GET rooms.room": ("/rooms/{room}", {}, only(200, "author", "focal_point", otherwise=404)),
    "GET rooms.room, proposed": ("/rooms/{proposed}", {}, only(200, "focal_point", otherwise=404)),
    "POST rooms.accept": ("/rooms/{proposed}/accept", {"head": ""}, only(400, "focal_point", otherwise=404)),
    "GET rooms.step": ("/rooms/{room}/pause", {}, only(200, "author", "focal_point", otherwise=404)),
    "POST rooms.step": ("/rooms/{room}/pause", {"words": ""}, only(303, "author", "focal_point", otherwise=404)),
    "GET rooms.step, taking back": ("/rooms/{room}/withdraw", {}, (*OUT3, 404, 404, 404, 403, 200, 404, 404, 404)),
    "GET rooms.terms": ("/rooms/{room}/terms", {}, (*OUT3, 404, 404, 404, 403, 200, 404, 404, 404)),
    "POST rooms.terms": ("/rooms/{room}/terms", {"title": ""}, (*OUT3, 404, 404, 404, 403, 400, 404, 404, 404)),
    "POST rooms.answer_terms": ("/rooms/{room}/terms/agree", {"hash": "x"}, (*OUT3, 404, 404, 404, 403, 303, 404, 404, 404)),
    "POST rooms.name_delegate": ("/rooms/{room}/delegates", {"member": "{colleague}", "role": "delegate"}, (*OUT3, 404, 404, 404, 403, 303, 404, 404, 404)),
    "POST rooms.remove_delegate": ("/rooms/{room}/delegates/{delegate}/remove", {}, (*OUT3, 404, 404, 404, 403, 303, 404, 404, 404)),
    "GET rooms.entries": ("/rooms/{room}/entries?after=0", {}, only(302, "author", otherwise=404)),
    "GET rooms.who_is_here": ("/rooms/{room}/here", {}, only(200, "author", otherwise=404)),
    "POST rooms.say": ("/rooms/{room}/entries", {"body": "Words.", "kind": "message"}, only(303, "author", otherwise=404)),
    "POST rooms.read": ("/rooms/{room}/read", {"upto": "1"}, only(204, "author", otherwise=404)),
    "POST rooms.add_files": ("/rooms/{room}/files", {"x": "1"}, only(303, "author", otherwise=404)),
    "GET rooms.room, an action": ("/rooms/{room}?action=1", {}, only(200, "author", "focal_point", otherwise=404)),
    "GET minutes.minutes_of_room": ("/rooms/{room}/minutes", {}, only(200, "author", otherwise=404)),
    "POST minutes.begin": ("/rooms/{room}/minutes", {}, only(303, "author", otherwise=404)),
    "GET minutes.minutes": ("/rooms/{room}/minutes/{minutes}", {}, only(200, "author", otherwise=404)),
    "GET minutes.newest": ("/rooms/{room}/minutes/{minutes}/newest", {}, only(200, "author", otherwise=404)),
    "GET minutes.edit": ("/rooms/{room}/minutes/{minutes}/edit", {}, only(200, "author", otherwise=404)),
    "POST minutes.edit": ("/rooms/{room}/minutes/{minutes}/edit", {"base": "1", "agenda": "One point"}, only(303, "author", otherwise=404)),
    "GET minutes.changes": ("/rooms/{room}/minutes/{minutes}/changes", {}, only(200, "author", otherwise=404)),
    "GET minutes.sign": ("/rooms/{room}/minutes/{minutes}/sign", {}, only(200, "author", otherwise=404)),
    "POST minutes.sign": ("/rooms/{room}/minutes/{minutes}/sign", {"hash": "x", "password": "wrong"}, only(400, "author", otherwise=404)),
    "GET minutes.sheet": ("/rooms/{room}/minutes/{minutes}/print", {}, only(200, "author", otherwise=404)),
    "GET minutes.export": ("/rooms/{room}/minutes/{minutes}/export.json", {}, only(303, "author", otherwise=404)),
    "GET minutes.export, agreed": ("/rooms/{agreed}/minutes/1/export.md", {}, only(200, "author", otherwise=404)),
    "GET minutes.edit, agreed": ("/rooms/{agreed}/minutes/1/edit", {}, only(303, "author", otherwise=404)),
    "GET minutes.to_do": ("/rooms/actions", {}, signed_in(200)),
    "POST minutes.tick": ("/rooms/{agreed}/actions/{task}", {"words": "It was sent."}, only(303, "author", otherwise=404)),
    "GET moderation.flags, an entry": ("/flags?target=entry:{room}:{said}", {}, only(200, "author", otherwise=404)),
    "POST moderation.flags, an entry": ("/flags", {"target": "entry:{room}:{said}", "reason": "off_topic"}, only(303, "author", otherwise=404)),
    "GET home.data": ("/account/data", {}, signed_in(200)),
    "POST home.data": ("/account/data", {"password": "wrong"}, signed_in(400)),
    "GET home.leave": ("/account/leave", {}, signed_in(200)),
    "POST home.leave": ("/account/leave", {"password": "wrong"}, (*OUT3, 400, 400, 400, 400, 409, 400, 409, 409)),
    "GET home.file, of a room": ("/files/{room_file}", {}, only(200, "author", otherwise=404)),
    "POST membership.withdraw": ("/invitations/{invitation}/withdraw", {}, only(303, "focal_point", "admin", otherwise=404)),
}  # fmt: skip


# Forms whose success changes nothing for the next visitor, so that the world needs no renewal.
TOUCHES_ONLY_THE_VISITOR = {
    f"POST {name}" for name in (
        "accounts.sign_out", "accounts.change_handle", "discussions.keep_thread", "discussions.keep_reply", "discussions.bookmark", "discussions.mark_read",
        "discussions.mark_unread", "discussions.mark_pillar_read", "discussions.reply", "discussions.new_thread", "discussions.pin", "discussions.answer",
        "rooms.say", "minutes.edit", "minutes.begin", "rooms.add_files", "rooms.answer_terms", "practices.new", "practices.remove_file", "practices.save_step", "practices.keep_step", "practices.submit", "home.mark_inbox_read", "home.undo_read", "home.choose_mail",
    )
}  # fmt: skip


def cast(world: World) -> dict[str, Browser]:
    """One visitor of each kind."""
    soon = now() + timedelta(days=1)
    return {
        "anonymous": world.stranger(),
        "invited": world.stranger(),
        "suspended": world.person("TH", suspended_until=soon),
        "partner": world.person(world.body_id(), role="partner"),
        "member": world.person("TH"),
        "same_organisation": world.person("LA"),
        "author": world.person("LA"),
        "focal_point": world.person("LA", role="focal_point"),
        "reviewer": world.person("PH", reviews="protection"),
        "moderator": world.person("SG", is_moderator=True),
        "admin": world.person(world.body_id(), is_admin=True),
    }


class Places(dict[str, Any]):
    """What a line of the table names, made when it is first asked for."""

    def __init__(self, world: World, people: dict[str, Browser]) -> None:
        super().__init__(org=world.organisation_id("LA"), author=people["author"].user_id)
        self.world, self.author, self.focal_point, self.reviewer = world, people["author"], people["focal_point"], people["reviewer"]

    def __missing__(self, name: str) -> Any:
        self[name] = made = getattr(self, f"_{name}")()
        return made

    def _room(self) -> str:
        """An open room of the Lao and the Vietnamese task force, led by the author; ``delegate`` is with them."""
        self["delegate"] = self.world.person("LA").user_id
        other, head = self.world.person("VN", role="focal_point"), self.world.person("VN")
        named = {"head": str(self.author.user_id), "delegates": str(self["delegate"]), "note_taker": ""}
        others = str(self.world.organisation_id("VN"))
        room = rooms.id_of(self.focal_point.post("/rooms/new", others=others, **rooms.TERMS | named))
        rooms.accept(other, room, head)
        self.other_head = head
        return room

    def _said(self) -> int:
        """What the other side said."""
        room = self["room"]
        return rooms.say(self.other_head, room, "Two working days.").json["seq"]

    def _minutes(self) -> int:
        self.author.post(f"/rooms/{self['room']}/minutes")
        return 1

    def _agreed(self) -> str:
        """A room with agreed minutes and a ``task``, which are the author's."""
        room = self["room"]
        here = f"/rooms/{room}/minutes/{self['minutes']}"
        side = re.search(r'<option value="(\d+)"[^>]*>Laos|<option value="(\d+)"[^>]*>Lao', self.author.get(f"/rooms/{room}?action=1").text)
        who = next(filter(None, side.groups()))
        paper.saved(self.author, here, **{"actions-0-what": "Send the form", "actions-0-who": who, "actions-0-due": paper.LATER})
        for head in (self.author, self.other_head):
            self.world.change(User, head.user_id, password_hash=paper.HASHED)
            paper.signed(head, here)
        return room

    def _task(self) -> int:
        self["agreed"]
        return self.world.one(select(Task.id)).id

    def _delegate(self) -> int:
        self["room"]
        return self["delegate"]

    def _proposed(self) -> str:
        other = self.world.person("VN", role="focal_point")
        return rooms.id_of(rooms.propose(self.world, other, "LA", head=self.world.person("VN")))

    def _room_file(self) -> str:
        room = self.world.one(select(Room.id).where(Room.public_id == self["room"])).id
        with self.world.app.app_context(), unit_of_work():
            row = File(owner_id=self.author.user_id, room_id=room, entry_seq=1, name=prepare_line("a.pdf"), kind="pdf", digest=store.keep(b"words"), size=5)
            db.session.add(row)
            db.session.flush()
            return row.public_id

    def _begun(self) -> int:
        return practices.begin(self.author)

    def _sent(self) -> int:
        sent = practices.written(self.world, self.author)
        practices.submit(self.author, sent)
        return sent

    def _in_review(self) -> int:
        sent = self._sent()
        self.focal_point.post(f"/practices/{sent}/clear", words="Cleared.")
        other = self.world.person("TH", reviews="protection")
        practices.ask(self.world.person("SG", is_moderator=True), sent, self.reviewer, other)
        return sent

    def _practice(self) -> int:
        return self._out()

    def _amber(self) -> int:
        return self._out(label="TLP:AMBER")

    def _asks(self) -> int:
        return self._out(label="TLP:CLEAR")

    def _open(self) -> int:
        practice = self._asks()
        self.world.person("SG", is_moderator=True).post(f"/practices/{practice}/public")
        return practice

    def _out(self, **more: str) -> int:
        """A published practice of the author."""
        reviewers = [self.world.person(code, reviews="protection") for code in ("VN", "MM")]
        moderator = self.world.person("SG", is_moderator=True)
        return practices.published(self.world, self.author, self.focal_point, moderator, reviewers, **more)

    def _thread(self) -> int:
        return self.world.thread(self.author)

    def _post(self) -> int:
        return self.world.reply(self.author, self["thread"])

    def _clear(self) -> int:
        return self.world.thread(self.author, label="TLP:CLEAR")

    def _public(self) -> int:
        thread = self._clear()
        self.world.change(Thread, thread, cleared_at=now(), cleared_upto=1)
        return thread

    def _edited(self) -> int:
        num = self.world.reply(self.author, self["thread"])
        self.author.post(f"/threads/{self['thread']}/posts/{num}/edit", body="changed", lang="en", revision="1")
        return num

    def _colleague(self) -> int:
        return self.world.person("LA").user_id

    def _gone(self) -> int:
        gone = self.world.person("LA").user_id
        self.world.change(User, gone, deactivated_at=now())
        return gone

    def _invitation(self) -> int:
        self.focal_point.post(f"/organisations/{self['org']}/members", email="guest@example.org", role_title="Guest", role="member", organisation=self["org"])
        return self.world.one(select(Invitation.id)).id

    def _token(self) -> str:
        self._invitation()
        return re.search(r"/invitations/([\w-]+)", self.world.one(select(Mail.body)).body)[1]

    def _draft(self) -> int:
        self.author.post(f"/threads/{self['thread']}/draft", body="begun", lang="en")
        return self.world.one(select(Draft.id)).id

    def _post_id(self) -> int:
        return self.world.one(select(Post.id).where(Post.thread_id == self["thread"], Post.num == self["post"])).id

    def _file(self) -> str:
        post_id = self["post_id"]
        with self.world.app.app_context():
            digest = store.keep(b"words")
            with unit_of_work():
                row = File(owner_id=self.author.user_id, post_id=post_id, name=prepare_line("a.pdf"), kind="pdf", digest=digest, size=5)
                db.session.add(row)
                db.session.flush()
                return row.public_id

    def _practice_file(self) -> str:
        practice = self._out()
        with self.world.app.app_context():
            digest = store.keep(b"words")
            with unit_of_work():
                row = File(owner_id=self.author.user_id, practice_id=practice, revision=1, name=prepare_line("a.pdf"), kind="pdf", digest=digest, size=5)
                db.session.add(row)
                db.session.flush()
                return row.public_id

    def _item(self) -> int:
        self.focal_point.post("/flags", target=f"post:{self['post_id']}", reason="off_topic", note="")
        return self.world.one(select(ReviewItem.id)).id

    def _decided(self) -> int:
        self.focal_point.post("/flags", target=f"post:{self['post_id']}", reason="identifies_person", note="")
        by = self.world.person("SG", is_moderator=True)
        found = self.world.one(select(ReviewItem.id, ReviewItem.version))
        by.post(f"/moderation/{found.id}/decide", version=found.version, decision="remove", reason="R1: it names somebody")
        return found.id

    def _sanction(self) -> int:
        with self.world.app.app_context(), unit_of_work():
            row = Sanction(user_id=self.author.user_id, kind="warn", reason=prepare_line("A warning"), by_id=self.focal_point.user_id)
            db.session.add(row)
            db.session.flush()
            return row.id

    def _agency(self) -> int:
        return self.world.agency("LA")

    def _handle(self) -> str:
        return self.world.one(select(User.handle).where(User.id == self.author.user_id)).handle

    def _held(self) -> int:
        self.author.post(f"/threads/{self['thread']}/posts", body="Passport no. A1234567 was taken", lang="en", hold="1")
        return self.world.one(select(Held.id)).id


def asked_to_sign_in(answer) -> bool:
    return (answer.status_code == 302 and answer.location.startswith("/sign-in")) or (answer.status_code == 401 and 'name="password"' in answer.text)


@pytest.mark.parametrize("route", ROUTES)
def test_each_visitor_gets_what_the_table_says(world, app, route):
    path, fields, expected = ROUTES[route]
    people, where = cast(world), None
    for name, code in zip(READERS, expected, strict=True):
        where = where or Places(world, people)
        where["name"] = name
        address, form = path.format_map(where), {key: value.format_map(where) for key, value in fields.items()}
        answer = people[name].get(address) if route.startswith("GET") else people[name].post(address, **form)
        if code == IN:
            assert asked_to_sign_in(answer), (name, answer.status_code, answer.location)
        else:
            assert answer.status_code == code, (name, answer.status_code)
        if answer.status_code == 303 and name != "admin" and route not in TOUCHES_ONLY_THE_VISITOR:
            empty(app)
            world.count, people, where = 0, cast(world), None


def test_every_route_has_a_line(app):
    served = {
        f"{method} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
    }
    assert served == {line.partition(",")[0] for line in ROUTES}
