"""What every hub starts with: member states, national bodies, pillars and tags, with the source of each fact."""

from dataclasses import dataclass

# Codes, short names and zones: ISO 3166, the ASEAN Secretariat's short names, IANA. Joining years: stored public reports.
# code, short name, joined on, zone, languages to expect, government mail domain (a hint for vetting, never proof)
STATES = (
    ("BN", "Brunei Darussalam", "1984", "Asia/Brunei", "ms en", "gov.bn"),
    ("KH", "Cambodia", "1999", "Asia/Phnom_Penh", "km", "gov.kh"),
    ("ID", "Indonesia", "1967", "Asia/Jakarta", "id", "go.id"),
    ("LA", "Lao PDR", "1997", "Asia/Vientiane", "lo", "gov.la"),
    ("MY", "Malaysia", "1967", "Asia/Kuala_Lumpur", "ms en", "gov.my"),
    ("MM", "Myanmar", "1997", "Asia/Yangon", "my", "gov.mm"),
    ("PH", "Philippines", "1967", "Asia/Manila", "fil en", "gov.ph"),
    ("SG", "Singapore", "1967", "Asia/Singapore", "en zh-Hans ms ta", "gov.sg"),
    ("TH", "Thailand", "1967", "Asia/Bangkok", "th", "go.th"),
    ("TL", "Timor-Leste", "2025-10-26", "Asia/Dili", "tet pt", "gov.tl"),
    ("VN", "Viet Nam", "1995", "Asia/Ho_Chi_Minh", "vi", "gov.vn"),
)


@dataclass(frozen=True)
class Body:
    """A national body as a public source names it."""

    state: str
    name: str
    basis: str
    source: str


BODIES = (
    Body("BN", "National Committee for Anti-Trafficking in Persons (NCTIP), Prime Minister’s Office",
         "Anti-Trafficking in Persons Order 2019, now Chapter 230", "borneobulletin.com.bn; asianews.eu"),
    Body("KH", "National Committee for Counter Trafficking (NCCT)", "", "phnompenhpost.com; opendevelopmentmekong.net"),
    Body("ID", "Gugus Tugas Pencegahan dan Penanganan Tindak Pidana Perdagangan Orang (Gugus Tugas Pusat)",
         "Perpres 69/2008, 22/2021 and 49/2023", "tirto.id; voiceindonesia.co"),
    Body("LA", "National Committee on Anti-Trafficking in Persons; Secretariat in the Department of Anti-Trafficking in Persons Police",
         "National Plan of Action, phase III 2021–2025", "laopdr.iom.int; laotiantimes.com, 4 July 2022"),
    Body("MY", "Council for Anti-Trafficking in Persons and Anti-Smuggling of Migrants (MAPO)", "ATIPSOM Act 2007 (Act 670)",
         "loc.gov (human trafficking: Malaysia); theleaders-online.com"),
    Body("MM", "Central Body for Suppression of Trafficking in Persons (CBTIP)", "", "myanmarhumantrafficking.gov.mm; gnlm.com.mm"),
    Body("PH", "Inter-Agency Council Against Trafficking (IACAT)", "RA 9208 (2003) as amended by RA 10364 (2012)", "iacat.gov.ph; doj.gov.ph"),
    Body("SG", "Singapore Inter-Agency Taskforce on Trafficking in Persons", "Prevention of Human Trafficking Act", "mha.gov.sg; mom.gov.sg"),
    Body("TH", "Anti-Trafficking in Persons Committee", "Anti-Trafficking in Persons Act B.E. 2551 (2008)",
         "library.siam-legal.com; thaianti-humantraffickingaction.org"),
    Body("TL", "Commission to Fight against Trafficking in Persons (KLATU)", "Law 3/2017; Decree-Law 9/2021", "timor-leste.gov.tl"),
    Body("VN", "Government Steering Committee on crime prevention and control (Steering Committee 138/CP)", "Law 53/2024/QH15",
         "thuviennhadat.vn; news.laodong.vn"),
)  # fmt: skip

# Regional bodies: aichr.org, acwc.asean.org and asean.org (major sectoral bodies).
ASEAN_BODIES = (
    ("AICHR", "ASEAN Intergovernmental Commission on Human Rights (AICHR)", "aichr.org"),
    ("ACWC", "ASEAN Commission on the Promotion and Protection of the Rights of Women and Children (ACWC)", "acwc.asean.org"),
    ("SOMTC", "ASEAN Senior Officials Meeting on Transnational Crime (SOMTC)", "asean.org"),
)  # fmt: skip

# The formal wording of the pillars: asean2017.ph (Bohol TIP Work Plan) and the consultation of September 2022.
PILLARS = (
    ("prevention", "I", "Prevention", "Prevention of trafficking in persons",
     "Recruitment, awareness, supply chains and migration: what keeps people from being trafficked in the first place."),
    ("protection", "II", "Protection of victims", "Protection of victims",
     "Identification, shelter, remedies and return, with the person’s consent and without punishing them for what they were made to do."),
    ("prosecution", "III", "Law enforcement and prosecution", "Law enforcement and prosecution of crimes of trafficking in persons",
     "Evidence, charges, courts and money: cases that hold, with witnesses who are safe."),
    ("cooperation", "IV", "Regional and international cooperation", "Regional and international cooperation and coordination",
     "Contacts, referral, common data and meetings: how eleven task forces work as neighbours."),
)  # fmt: skip

TAGS = (
    ("awareness", "Awareness"), ("online-recruitment", "Online recruitment"), ("scam-compounds", "Scam compounds"),
    ("pre-departure", "Pre-departure"), ("supply-chains", "Supply chains"), ("identification", "Identification"),
    ("non-punishment", "Non-punishment"), ("shelter", "Shelter"), ("remedies", "Remedies"), ("return", "Return"),
    ("reflection-period", "Reflection period"), ("digital-evidence", "Digital evidence"), ("money-laundering", "Money laundering"),
    ("witness-support", "Witness support"), ("extraterritoriality", "Extraterritoriality"), ("video-testimony", "Video testimony"),
    ("contact-points", "Contact points"), ("referral", "Referral"), ("trend-data", "Trend data"), ("calendar", "Calendar"),
)  # fmt: skip
