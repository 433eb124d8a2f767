"""The mail of the week: a batch with a cap and a limit per category, kept as shown once it has been sent."""

from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from recommender.jobs.batch.publishing import registered, rows_of
from recommender.run_folder import RunFolder
from recommender.shop.prepared import MAIL
from schemas import Diversity, FrequencyCap, Rules
from signals.mailings import record_sent

K: Final = 6
PER_CATEGORY: Final = 2
SHOWN: Final = 2
DAYS: Final = 28.0


def mail_rules(per_category: int = PER_CATEGORY, shown: int = SHOWN, days: float = DAYS) -> Rules:
    """At most `per_category` of a category, and nothing that `shown` lists of `days` showed without a response."""
    return Rules(diversity=Diversity(per_category=per_category), cap=FrequencyCap(shown=shown, days=days))


def record_mail(engine: Engine, out: Path) -> int:
    """Keep the lists of the run in use of a folder as shown, so that caps count them; returns how many are new.

    Raises
    ------
    BatchError : there is no finished run
    """
    folder = RunFolder(out)
    manifest = folder.manifest()
    run = registered(manifest.plan, out)
    return sum(record_sent(engine, run, rows_of(out / run.run_id / name), MAIL) for name in manifest.parts)
