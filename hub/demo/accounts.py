"""The demo's accounts: invented roles, never names."""

from dataclasses import dataclass

PASSWORD = "practitioner demo 2026"
DOMAIN = "demo.example"
PARTNER_ORGANISATION = "Invited civil society organisation"


@dataclass(frozen=True)
class DemoAccount:
    """``place`` is a state's code, or the short name of a body."""

    handle: str
    place: str
    title: str
    role: str = "member"
    about: str = ""
    expertise: tuple[str, ...] = ()
    pillars: tuple[str, ...] = ()
    moderator: bool = False
    admin: bool = False
    reviews: str = ""

    @property
    def email(self) -> str:
        return f"{self.handle}@{DOMAIN}"


# code: title, expertise, pillars, what the member says about the work
MEMBERS = {
    "bn": ("Legal officer", ("Drafting of TIP law", "Mutual legal assistance"), ("prosecution",),
           "I look after our act and its rules. Ask me about acts committed abroad, and how we word a request to a neighbour."),
    "kh": ("Screening officer", ("Victim identification", "Forced criminality"), ("protection",),
           "I train officers who meet people coming out of compounds. Our form is one page; I am glad to share how it came to be."),
    "id": ("Migration officer", ("Pre-departure seminars", "Return of domestic workers"), ("prevention", "protection"),
           "I work on what workers know before they leave and whom they can reach when they come home."),
    "la": ("Programme officer", ("Village awareness", "Land border referral"), ("prevention", "cooperation"),
           "Most of my districts are uplands. I compare what reaches people there: loudspeakers, teachers, short videos."),
    "my": ("Legal officer", ("Financial investigation", "Non-punishment"), ("prosecution", "protection"),
           "I read files before they go to the prosecutor and look for the money beside the crime."),
    "mm": ("Police liaison officer", ("Informal cooperation", "Contact points"), ("cooperation",),
           "I keep the list of posts to call, and try to keep it short and true."),
    "ph": ("Prevention officer", ("School modules", "Online recruitment"), ("prevention",),
           "I write material that teachers can use in one lesson, and measure what pupils remember."),
    "sg": ("Digital investigations adviser", ("Chat evidence", "Chain of custody"), ("prosecution",),
           "I help investigators keep digital evidence usable in a court that is not their own."),
    "th": ("Public prosecutor", ("Labour inspection", "Plea and charge"), ("prosecution", "protection"),
           "I decide on charges, and write for my colleagues on what a first interview needs."),
    "tl": ("Social services officer", ("First contact", "Small teams"), ("protection",),
           "Our team is small and covers everything. I look for forms short enough to be used."),
    "vn": ("Victim-witness officer", ("Witness support", "First interviews"), ("prosecution", "protection"),
           "I accompany witnesses from the first interview to the judgment."),
}  # fmt: skip
STATES = tuple(MEMBERS)


def _members() -> list[DemoAccount]:
    focal_points = [
        DemoAccount(f"fp.{cc}", cc.upper(), "Focal point", "focal_point", pillars=("cooperation",),
                    about="I answer for our task force here: I invite its members, clear what we publish and know whom to ask.")
        for cc in STATES
    ]  # fmt: skip
    members = [DemoAccount(f"member.{cc}", cc.upper(), title, "member", about, expertise, pillars)
               for cc, (title, expertise, pillars, about) in MEMBERS.items()]  # fmt: skip
    return focal_points + members


ACCOUNTS = (
    *_members(),
    DemoAccount("hod.id", "ID", "Head of delegation", pillars=("cooperation",), about="I lead our side when two task forces meet."),
    DemoAccount("hod.my", "MY", "Head of delegation", pillars=("cooperation",), about="I lead our side when two task forces meet."),
    DemoAccount("note.id", "ID", "Note-taker", pillars=("cooperation",), about="I write down what was agreed, and only that."),
    DemoAccount("vso.my", "MY", "Victim support officer", pillars=("protection",), expertise=("Interpreters", "First interviews"),
                about="I am there when a first interview begins, and look for what makes it bearable."),
    DemoAccount("rev.protection.ph", "PH", "Reviewer, protection", pillars=("protection",), reviews="protection",
                about="I read practices on protection with the question: would I dare to use this tomorrow?"),
    DemoAccount("rev.protection.th", "TH", "Reviewer, protection", pillars=("protection",), reviews="protection",
                about="I read practices on protection, and ask for the figures behind them."),
    DemoAccount("inv.demo", "PH", "Investigator", pillars=("prosecution",), about="I work with evidence from chat groups."),
    DemoAccount("moderator.1", "SG", "Moderator", moderator=True, about="I keep the rules of this hub. Write to me when a label is wrong."),
    DemoAccount("moderator.2", "VN", "Moderator", moderator=True, about="I keep the rules of this hub, together with a colleague in another state."),
    DemoAccount("admin.1", "SOMTC", "Administrator", admin=True, about="I look after accounts and organisations. I read no more than you do."),
    DemoAccount("partner.1", "ACWC", "Observer", "partner", pillars=("protection",), about="I follow the discussions for a regional body."),
    DemoAccount("partner.2", PARTNER_ORGANISATION, "Programme lead", "partner", pillars=("protection", "prevention"),
                about="Our organisation accompanies people after their return. We were invited to the open discussions."),
)  # fmt: skip
