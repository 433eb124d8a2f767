"""Databases that cannot be opened say what is wrong in one line, without a password."""

import sqlite3
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, exc, literal, select, text

from signals import connections, urls
from signals.database import open_database
from signals.errors import (
    DatabaseError,
    DatabaseFullError,
    DatabaseLockedError,
    DatabaseUnreachableError,
    InvalidDatabaseUrlError,
    MissingDriverError,
)

SECRET = "tr0ub4dor"


def fill_the_disk(engine: Engine) -> None:
    with connections.writing(engine) as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        for _ in range(100):
            connection.execute(text("INSERT INTO filler VALUES (:text)"), {"text": "x" * 10_000})


def create_half(engine: Engine) -> None:
    with connections.writing(engine) as connection:
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError("stopped")


@pytest.mark.parametrize(
    "url", ["", "shop.db", "mysql://host/shop", "sqlite://", "sqlite:///:memory:", "postgresql://h:x/d"]
)
def test_a_url_of_no_supported_kind_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(InvalidDatabaseUrlError, match=r"sqlite:///shop\.db"):
        open_database(url)


def test_an_unreachable_server_is_one_line_without_the_password() -> None:
    with pytest.raises(DatabaseUnreachableError) as refused:
        open_database(f"postgresql://shop:{SECRET}@127.0.0.1:1/shop")
    assert "\n" not in str(refused.value)
    assert SECRET not in str(refused.value)
    assert "127.0.0.1:1" in str(refused.value)


def test_a_server_without_that_database_is_unreachable(postgres_server: str) -> None:
    with pytest.raises(DatabaseUnreachableError, match="does not exist"):
        open_database(postgres_server.replace("/postgres?", "/nowhere?"))


def test_every_password_of_a_url_is_masked() -> None:
    url = urls.parse(f"postgresql://shop:{SECRET}@host/shop?sslpassword={SECRET}&application_name=a")
    assert SECRET not in urls.masked(url)
    assert urls.masked(url).startswith("postgresql://shop:***@host/shop?")


def test_postgresql_is_taken_as_psycopg_3() -> None:
    assert urls.parse("postgresql://host/shop").drivername == "postgresql+psycopg"
    assert urls.parse("postgres://host/shop").drivername == "postgresql+psycopg"


def test_a_missing_psycopg_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingDriverError, match=r"pip install 'shop-recommender\[postgres\]'"):
        open_database("postgresql://host/shop")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachableError, match=f"folder {tmp_path / 'nowhere'} does not exist"):
        open_database(f"sqlite:///{tmp_path}/nowhere/shop.db")


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachableError, match="is a folder"):
        open_database(f"sqlite:///{tmp_path}")


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear shop, " * 100)
    with pytest.raises(DatabaseUnreachableError, match="no SQLite database"):
        open_database(f"sqlite:///{path}")
    assert path.read_text() == "Dear shop, " * 100


def test_a_relative_path_stays_the_same_file_when_the_process_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = open_database("sqlite:///shop.db")
    assert engine.url.database == str(tmp_path / "shop.db")
    engine.dispose()


def test_sqlite_keeps_what_it_acknowledged_through_a_power_cut(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    with connections.reading(engine) as connection:
        pragmas = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")}
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}
    engine.dispose()


def test_a_write_that_cannot_get_the_lock_says_so(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(sqlite_url).dispose()
    monkeypatch.setattr(connections, "BUSY_TIMEOUT_SECONDS", 0)
    engine = open_database(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseLockedError, match="stayed locked"), connections.writing(engine):
        pass
    other.close()
    engine.dispose()


def test_a_full_disk_is_told_apart_and_nothing_is_half_written(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    with connections.writing(engine) as connection:
        connection.execute(text("CREATE TABLE filler (text TEXT)"))
    with pytest.raises(DatabaseFullError, match="no space left"):
        fill_the_disk(engine)
    with connections.reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM filler")) == 0
    engine.dispose()


def test_any_other_failure_is_a_database_error_of_one_line(engine: Engine) -> None:
    with pytest.raises(DatabaseError) as refused, connections.writing(engine) as connection:
        connection.execute(text("SELECT * FROM nowhere"))
    assert "\n" not in str(refused.value)


def test_a_transaction_that_fails_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(RuntimeError):
        create_half(engine)
    with pytest.raises(DatabaseError), connections.reading(engine) as connection:
        connection.execute(text("SELECT * FROM half"))


def use_a_connection_that_the_server_ends(engine: Engine) -> None:
    with connections.reading(engine) as connection:
        process = connection.scalar(text("SELECT pg_backend_pid()"))
        with connections.reading(engine) as other:
            other.execute(text(f"SELECT pg_terminate_backend({process})"))
        connection.execute(text("SELECT 1"))


def test_a_lost_connection_is_an_unreachable_server(postgres_url: str) -> None:
    engine = connections.create(urls.parse(postgres_url))
    with pytest.raises(DatabaseUnreachableError, match="is the server running"):
        use_a_connection_that_the_server_ends(engine)
    engine.dispose()


def test_a_statement_that_the_driver_refuses_is_no_unreachable_server(postgres_url: str) -> None:
    engine = connections.create(urls.parse(postgres_url))
    too_many = select(literal(1)).where(literal(1).in_(range(70_000)))
    with pytest.raises(DatabaseError, match="number of parameters") as refused, connections.reading(engine) as opened:
        opened.execute(too_many)
    assert not isinstance(refused.value, DatabaseUnreachableError)
    assert isinstance(refused.value.__cause__, exc.OperationalError)
    assert "is the server running" not in str(refused.value)
    engine.dispose()
