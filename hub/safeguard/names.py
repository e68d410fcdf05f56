"""Names of persons in Latin letters: runs of capitalised words that are no places, offices or beginnings of sentences."""

from hub.safeguard.lexicon import Word, single

PARTICLES = frozenset((
    "bin", "binti", "bt", "bte", "binte", "a/l", "a/p", "anak", "s/o", "d/o", "de", "da", "dos", "do", "del", "dela", "la", "ma.",
))  # fmt: skip
FILIAL = frozenset(("bin", "binti", "bt", "bte", "binte"))
INTRODUCING = frozenset((
    "victim", "survivor", "named", "called", "korban", "mangsa", "bernama", "si", "kay", "biktimang", "nama", "name", "is", "vítima", "naran",
))  # fmt: skip
JOINTS = (" ", ". ", "-", ' "', '" ', " “", "” ", " (", ") ")  # between the parts of a name
LONGEST_NAME = 6  # words

Name = tuple[int, int, bool]  # start, end, and whether a word of it is a common part of names


def names_in(plain: str, words: list[Word]) -> list[Name]:
    """In the order of the text."""
    names: list[Name] = []
    run: list[Word] = []
    for word in words:
        start, _end, low = word
        if run and (plain[run[-1][1] : start] not in JOINTS or len(run) >= LONGEST_NAME):
            names += _name(plain, run)
            run = []
        if _capital(plain, word) or (run and low in PARTICLES):
            run.append(word)
        elif run:
            names += _name(plain, run)
            run = []
    return sorted(names + _name(plain, run) + _small_names(plain, words))


def _capital(plain: str, word: Word) -> bool:
    written = plain[word[0] : word[1]]
    return written[0].isupper() and "." not in written


def _name(plain: str, run: list[Word]) -> list[Name]:
    common = single("familyname")
    while run and _leads(run[0][2]) and run[0][2] not in common:
        run = run[1:]
    while run and (run[-1][2] in PARTICLES or run[-1][2] in single("ordinary")):
        run = run[:-1]
    if not run or any(low in single("notname") for _start, _end, low in run) or all(len(low.removesuffix("'s")) < 2 for _start, _end, low in run):
        return []
    strong = any(low in common for _start, _end, low in run)
    shouted = all(plain[start:end].isupper() for start, end, _low in run)
    if shouted and not (strong or (len(run) > 1 and all(len(low) > 2 for _start, _end, low in run))):
        return []
    return [(run[0][0], run[-1][1], strong)]


def _leads(low: str) -> bool:
    return low in single("ordinary") or low in single("title")


def _small_names(plain: str, words: list[Word]) -> list[Name]:
    """Names typed without capitals: around bin and binti, and two words one of which is a common part of names."""
    names: list[Name] = []
    common = single("familyname")
    for at in range(1, len(words) - 1):
        (before_start, before_end, before), (start, end, low), (after_start, after_end, after) = words[at - 1 : at + 2]
        if plain[end:after_start] != " ":
            continue
        if low in FILIAL and plain[before_end:start] == " ":
            names.append((before_start, after_end, True))
        elif low in common and len(low) > 3 and plain[start].islower() and before in INTRODUCING and after not in single("ordinary"):
            names.append((start, after_end, True))
    return names
