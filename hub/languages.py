"""Languages a text may be written in: BCP 47 tags with the name each gives itself, and its English name."""

from flask_babel import lazy_gettext as _l
from flask_babel import LazyString

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
NAMES: dict[str, LazyString] = {
    "en": _l("English"),
    "id": _l("Indonesian"),
    "ms": _l("Malay"),
    "my": _l("Burmese"),
    "fil": _l("Filipino"),
    "km": _l("Khmer"),
    "lo": _l("Lao"),
    "pt": _l("Portuguese"),
    "ta": _l("Tamil"),
    "tet": _l("Tetum"),
    "th": _l("Thai"),
    "vi": _l("Vietnamese"),
    "zh-Hans": _l("Chinese"),
}
