"""Commits numbered rows through the hub's own engine and unit of work; after each it notes how long the journal of the disk is by then.

``python -m tests.faults.committing FOLDER MANY [SYNCHRONOUS]``; with SYNCHRONOUS the hub's own setting is replaced, as a control.
"""

import os
import sys
from pathlib import Path

from sqlalchemy import update

from hub import create_app, engines

folder, many = Path(sys.argv[1]), int(sys.argv[2])
if len(sys.argv) > 3:
    engines.PRAGMAS["synchronous"] = (sys.argv[3], {"OFF": 0, "NORMAL": 1}[sys.argv[3]])
app = create_app({"HUB_DATA": str(folder), "HUB_LOG_LEVEL": "ERROR"})

from hub.accounts.models import State  # noqa: E402 (after the setting)
from hub.db import db, unit_of_work  # noqa: E402

journal = Path(os.environ["POWERCUT_JOURNAL"])
with app.app_context(), (folder / "acknowledged").open("w") as acknowledged:
    for number in range(1, many + 1):
        with unit_of_work():
            db.session.execute(update(State).where(State.code == "LA").values(short_name=f"{number:06} " + "x" * 3000))
        acknowledged.write(f"{number} {journal.stat().st_size}\n")
        acknowledged.flush()
