"""From draft to endorsed: each step by who may, told to who must know, and kept."""

import re

from sqlalchemy import select

from hub.audit.models import AuditRow
from hub.notifications.models import Notification
from hub.practices.models import Practice
from hub.practices.records import Adoption, PracticeDeadline
from tests.practices.scene import SCORES, TITLE, ask, begin, fields_of, moves, published, save, score, stage, submit, written


def test_a_practice_goes_from_draft_to_good(world, author, clearer, moderator, reviewers):
    practice = written(world, author)
    assert submit(author, practice).status_code == 303
    assert stage(world, practice) == "clearance"
    assert "To clear" in clearer.get("/notifications").text
    clearer.post(f"/practices/{practice}/clear", words="Good. One question on cost is open.")
    assert stage(world, practice) == "review"
    assert "1 practice wants reviewers" in moderator.get("/").text
    ask(moderator, practice, *reviewers)
    assert TITLE in reviewers[0].get("/").text
    score(reviewers[0], practice, (3, 2, 3, 2, 3, 1, 2, 3), "changes", "What does it cost? Were survivors asked?")
    assert stage(world, practice) == "review", "one review decides nothing"
    score(reviewers[1], practice, (2, 2, 3, 2, 2, 1, 2, 2), "changes", "Add the cost, please.")
    assert stage(world, practice) == "changes_requested"
    page = author.get(f"/practices/{practice}", follow_redirects=True).text
    assert "Mean 2.38." in page
    assert "Mean 2.00." in page
    save(world, author, practice, 3, cost_amount="96000", cost_currency="MYR", cost_every="year", cost_band="10k_100k")
    save(world, author, practice, 5, **{"rights-7-answer": "consulted", "rights-7-note": "Six persons, through an NGO"})
    assert submit(author, practice).status_code == 303
    changed = re.findall(r'<h2 class="mg">([^<]+)</h2>', author.get(f"/practices/{practice}/compare").text)
    assert changed == ["Cost", "Currency", "Paid how often", "Roughly, in US dollars", "Rights checklist"]
    for reviewer in reviewers:
        score(reviewer, practice)
    assert stage(world, practice) == "published"
    row = world.one(select(Practice).where(Practice.id == practice))[0]
    assert (row.shown, row.maturity) == (2, "promising")
    assert (row.update_due_at - row.published_at).days == 730
    endorser, adopter = world.person("PH", "focal_point"), world.person("LA", "focal_point")
    endorser.post(f"/practices/{practice}/endorse", words="The roster idea, for three languages")
    adopter.post(f"/practices/{practice}/adopt", status="piloting", body="Border police", since="2026-06", note="One land crossing")
    page = world.person("VN").get(f"/practices/{practice}", follow_redirects=True).text
    assert "Endorsed by 1 task force: PH (v2)" in page
    assert "One land crossing" in page
    assert world.one(select(Practice.maturity).where(Practice.id == practice))[0] == "promising", "it needs E3"
    save(world, author, practice, 3, evidence_level="E3", **{"links-0-address": "https://example.org/review", "links-0-words": "Outside review", "links-0-kind": "source"})
    submit(author, practice)
    assert stage(world, practice) == "update_review"
    ask(moderator, practice, reviewers[0])
    score(reviewers[0], practice)
    assert stage(world, practice) == "published"
    assert world.one(select(Practice.maturity).where(Practice.id == practice))[0] == "good"
    assert "Endorsed by 1 task force: PH (v2); v3 not yet" in author.get(f"/practices/{practice}", follow_redirects=True).text
    went = ["submit", "clear", "ask_changes", "resubmit", "publish", "update", "accept_update"]
    assert moves(world, practice) == went
    audited = [one.action.removeprefix("practice.") for one in world.all(select(AuditRow.action).where(AuditRow.target_id == practice, AuditRow.action.like("practice.%")).order_by(AuditRow.seq))]
    assert [action for action in audited if action in went] == went
    told = {one.reason for one in world.all(select(Notification.reason).where(Notification.user_id == author.user_id))}
    assert {"clear", "ask_changes", "publish", "endorsed", "adopted", "accept_update"} <= told


def test_nobody_clears_reviews_or_endorses_what_is_their_own(world, moderator):
    author = world.person("MY", "focal_point", reviews="protection", is_moderator=True)
    other, reviewer = world.person("MY", "focal_point"), world.person("MY", reviews="protection")
    foreign = [world.person("PH", reviews="protection"), world.person("TH", reviews="protection")]
    practice = written(world, author)
    submit(author, practice)
    assert author.post(f"/practices/{practice}/clear", words="Mine.").status_code == 403
    other.post(f"/practices/{practice}/clear", words="Cleared.")
    assert author.post(f"/practices/{practice}/reviewers", reviewer=[str(one.user_id) for one in foreign]).status_code == 403
    assert ask(moderator, practice, reviewer, foreign[0]).status_code == 400, "a reviewer of the own task force is not listed"
    assert ask(moderator, practice, *foreign).status_code == 303
    assert score(author, practice).status_code == 404
    for one in foreign:
        score(one, practice)
    assert other.post(f"/practices/{practice}/endorse", words="Ours.").status_code == 403
    assert other.post(f"/practices/{practice}/adopt", status="adopted", body="Us", since="2026-01", note="").status_code == 403
    assert author.post(f"/practices/{practice}/hold", words="Mine.").status_code == 403


def test_what_is_missing_stops_sending_and_not_writing(world, author):
    practice = begin(author)
    answer = author.post(f"/practices/{practice}/steps/1/draft", **fields_of(world, author, 1, summary="", seq="0"))
    assert answer.status_code == 303
    page = author.get(submit(author, practice).location, follow_redirects=True).text
    assert stage(world, practice) == "draft"
    assert f'href="/practices/{practice}/steps/1#summary"' in page
    assert f'href="/practices/{practice}/steps/4#constraints"' in page
    assert "Send it" not in page


def test_a_text_that_identifies_a_person_is_neither_kept_nor_sent(world, author):
    practice = written(world, author)
    words = fields_of(world, author, 2)["problem"] + " e.g. a 17-year-old from Kampung Demo, passport A1234567."
    assert save(world, author, practice, 2, problem=words).status_code == 400
    assert author.post(f"/practices/{practice}/steps/2/draft", **fields_of(world, author, 2, problem=words, seq="2")).status_code == 400
    assert submit(author, practice).status_code == 303
    assert "A1234567" not in author.get(f"/practices/{practice}/steps/2").text


def test_figures_about_fewer_than_five_persons_are_refused(world, author):
    practice = begin(author)
    answer = save(world, author, practice, 3, **{"result_rows-0-unit": "persons", "result_rows-0-before": "3", "result_rows-0-after": "12"})
    assert answer.status_code == 400
    assert "fewer than 5 persons can lead to a person" in answer.text
    assert save(world, author, practice, 3, **{"result_rows-0-unit": "persons", "result_rows-0-before": "fewer than 5", "result_rows-0-after": "12"}).status_code == 303


def test_a_stale_window_overwrites_nothing_and_loses_nothing(world, author):
    practice = begin(author)
    save(world, author, practice, 4, lessons="What the first window wrote about the lessons that we learned.")
    answer = author.post(f"/practices/{practice}/steps/4", **fields_of(world, author, 4, lessons="What the second window wrote, opened before that.", seq="0"))
    assert answer.status_code == 409
    assert "What the second window wrote" in answer.text
    assert "What the first window wrote" in answer.text
    seq = re.search(r'name="seq" value="(\d+)"', answer.text)[1]
    assert author.post(f"/practices/{practice}/steps/4", **fields_of(world, author, 4, lessons="Both brought together by their author.", seq=seq)).status_code == 303


def test_two_who_differ_call_a_third_and_the_majority_decides(world, author, clearer, moderator, reviewers):
    third = world.person("VN", reviews="protection")
    practice = written(world, author)
    submit(author, practice)
    clearer.post(f"/practices/{practice}/clear", words="Cleared.")
    ask(moderator, practice, *reviewers)
    score(reviewers[0], practice, verdict="pass")
    score(reviewers[1], practice, verdict="changes")
    assert stage(world, practice) == "review"
    assert "A third reviewer is wanted" in moderator.get("/notifications").text
    assert ask(moderator, practice, third).status_code == 303
    score(third, practice, verdict="pass")
    assert stage(world, practice) == "published"


def test_the_floors_hold_whatever_the_verdicts_say(world, author, clearer, moderator, reviewers):
    practice = written(world, author)
    submit(author, practice)
    clearer.post(f"/practices/{practice}/clear", words="Cleared.")
    ask(moderator, practice, *reviewers)
    for reviewer in reviewers:
        score(reviewer, practice, (3, 3, 3, 3, 1, 3, 3, 3), "pass")
    assert stage(world, practice) == "changes_requested", "rights and do-no-harm need two from both"


def test_named_states_comment_before_it_is_published(world, author, clearer, moderator, reviewers):
    lao, thai = world.person("LA", "focal_point"), world.person("TH", "focal_point")
    practice = written(world, author, other_states=["LA", "TH"])
    submit(author, practice)
    clearer.post(f"/practices/{practice}/clear", words="Cleared.")
    assert lao.get(f"/practices/{practice}", follow_redirects=True).status_code == 404, "before its turn a named state reads nothing"
    ask(moderator, practice, *reviewers)
    for reviewer in reviewers:
        score(reviewer, practice)
    assert stage(world, practice) == "comment"
    assert lao.get(f"/practices/{practice}", follow_redirects=True).status_code == 200
    lao.post(f"/practices/{practice}/comment", words="Our crossing has no interpreter at night.")
    assert stage(world, practice) == "comment"
    thai.post(f"/practices/{practice}/comment", words="No comment.")
    assert stage(world, practice) == "published"
    assert "Our crossing has no interpreter at night." in world.person("VN").get(f"/practices/{practice}", follow_redirects=True).text


def test_a_task_force_endorses_once_and_may_take_it_back(world, author, clearer, moderator, reviewers):
    practice = published(world, author, clearer, moderator, reviewers)
    endorser = world.person("PH", "focal_point")
    for _twice in range(2):
        endorser.post(f"/practices/{practice}/endorse", words="The roster.")
    page = author.get(f"/practices/{practice}", follow_redirects=True).text
    assert "Endorsed by 1 task force: PH (v1)" in page
    endorser.post(f"/practices/{practice}/unendorse", words="Our review found it too costly.")
    assert "Endorsed by" not in author.get(f"/practices/{practice}", follow_redirects=True).text
    assert world.person("PH").post(f"/practices/{practice}/endorse", words="As a member.").status_code == 403


def test_an_adoption_said_anew_replaces_the_former(world, author, clearer, moderator, reviewers):
    practice = published(world, author, clearer, moderator, reviewers)
    adopter = world.person("LA", "focal_point")
    for status in ("piloting", "stopped"):
        adopter.post(f"/practices/{practice}/adopt", status=status, body="Border police", since="2026-06", note="One crossing")
    assert [row.status for row in world.all(select(Adoption.status))] == ["stopped"]
    assert world.one(select(Practice.adopted).where(Practice.id == practice))[0] == 0


def test_deadlines_are_rows_and_met_by_what_is_done(world, author, clearer):
    practice = written(world, author)
    submit(author, practice)
    (asked,) = world.all(select(PracticeDeadline.user_id, PracticeDeadline.what, PracticeDeadline.met_at))
    assert (asked.user_id, asked.what, asked.met_at) == (clearer.user_id, "clear", None)
    assert TITLE in clearer.get("/").text
    clearer.post(f"/practices/{practice}/return", words="Say what it costs.")
    assert stage(world, practice) == "draft"
    assert world.one(select(PracticeDeadline.met_at))[0] is not None


def test_a_discussion_hangs_under_each_published_practice(world, author, clearer, moderator, reviewers):
    practice = published(world, author, clearer, moderator, reviewers)
    thread = world.one(select(Practice.thread_id).where(Practice.id == practice))[0]
    assert f'href="/practices/{practice}"' in world.person("VN").get(f"/threads/{thread}", follow_redirects=True).text


def test_every_score_is_needed(world, author, clearer, moderator, reviewers):
    practice = written(world, author)
    submit(author, practice)
    clearer.post(f"/practices/{practice}/clear", words="Cleared.")
    ask(moderator, practice, *reviewers)
    answer = reviewers[0].post(f"/practices/{practice}/review", words="Well.", verdict="pass", **dict.fromkeys(SCORES[:-1], 2))
    assert answer.status_code == 400
    assert "Well." in answer.text
