"""Languages a text may be written in: BCP 47 tags with the name each gives itself, and its English name."""

from hub.words import later

SCRIPTS = (("\u0e00", "\u0e7f", "th"), ("\u0e80", "\u0eff", "lo"), ("\u1000", "\u109f", "my"), ("\u1780", "\u17ff", "km"), ("\u0b80", "\u0bff", "ta"))
AUTONYMS = {
    "en": "English",
    "id": "Bahasa Indonesia",
    "ms": "Bahasa Melayu",
    "my": "မြန်မာ",
    "fil": "Filipino",
    "km": "ភាសាខ្មែរ",
    "lo": "ພາສາລາວ",
    "pt": "Português",
    "ta": "தமிழ்",
    "tet": "Tetun",
    "th": "ไทย",
    "vi": "Tiếng Việt",
    "zh-Hans": "简体中文",
}
NAMES: dict[str, str] = {
    "en": later("English"),
    "id": later("Indonesian"),
    "ms": later("Malay"),
    "my": later("Burmese"),
    "fil": later("Filipino"),
    "km": later("Khmer"),
    "lo": later("Lao"),
    "pt": later("Portuguese"),
    "ta": later("Tamil"),
    "tet": later("Tetum"),
    "th": later("Thai"),
    "vi": later("Vietnamese"),
    "zh-Hans": later("Chinese"),
}


def of_script(words: str) -> str:
    """The language of words whose script is of one language here; "" for those in Latin letters, and for Han."""
    return next((lang for letter in words for first, last, lang in SCRIPTS if first <= letter <= last), "")
