"""The text table that ``./dev bench`` prints and keeps."""

import platform
from dataclasses import dataclass

BARE = ("bare page",)
AIMS = {"thread list": 2.5, "thread page": 3.3, "reply": 4.0, "library": 3.0, "practice page": 3.0}


@dataclass(frozen=True)
class Row:
    """CPU milliseconds of one request."""

    name: str
    server: float
    database: float

    @property
    def total(self) -> float:
        return self.server + self.database


def written(engine: str, sizes: tuple[int, ...], results: list[list[Row]]) -> str:
    head = f"{engine}, Python {platform.python_version()}, 16 signed-in clients; CPU ms per request, server + database\n"
    if len(sizes) == 1:
        return head + f"{sizes[0]:,} posts\n\n" + _one(results[0])
    return head + _growth(sizes, results)


def _one(rows: list[Row]) -> str:
    bare = sum(row.total for row in rows if row.name in BARE) / len(BARE)
    lines = [f"{'page':<24}{'server':>8}{'database':>10}{'sum':>8}{'ratio':>8}{'aim':>8}"]
    for row in rows:
        aim = f"{AIMS[row.name]:.1f}" if row.name in AIMS else ""
        lines.append(f"{row.name:<24}{row.server:>8.2f}{row.database:>10.2f}{row.total:>8.2f}{row.total / bare:>8.2f}{aim:>8}")
    first, last = (next(row.total for row in rows if row.name.startswith(name)) for name in ("first page", "last page"))
    return "\n".join(lines) + f"\n\nlast page / first page of the long thread: {last / first:.2f} (aim 0.90 to 1.10)\n"


def _growth(sizes: tuple[int, ...], results: list[list[Row]]) -> str:
    small, large = results
    lines = ["", f"{'page':<24}{f'{sizes[0]:,}':>12}{f'{sizes[1]:,}':>12}{'growth':>8}   (aim 1.20)"]
    for before, after in zip(small, large, strict=True):
        name = before.name.split(" of ")[0]
        lines.append(f"{name:<24}{before.total:>12.2f}{after.total:>12.2f}{after.total / before.total:>8.2f}")
    return "\n".join(lines) + "\n"
