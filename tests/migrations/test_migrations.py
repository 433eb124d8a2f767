"""Tables from blank and from old, up and down, on both databases; and what is refused."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from signals import connections, urls
from signals.aggregation import update_interactions
from signals.database import MIGRATIONS, Migrated, alembic_config, head_revision, migrate, open_database
from signals.errors import SchemaOutdatedError, SchemaUnknownError
from signals.events import EventStore
from signals.flags import Flag
from signals.interactions import interactions
from signals.tables import metadata
from tests.signals.shops import event, store

NEWEST = head_revision()


def set_revision(url: str, revision: str) -> None:
    engine = connections.create(urls.parse(url))
    with connections.writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    engine.dispose()


def execute(url: str, statement: str) -> None:
    engine = connections.create(urls.parse(url))
    with connections.writing(engine) as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_blank_database_gets_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with connections.reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_passes_alembic_check(engine: Engine) -> None:
    with connections.writing(engine) as connection:
        command.check(alembic_config(connection))


def test_every_revision_goes_down_to_nothing_and_up_again(database_url: str) -> None:
    migrate(database_url)
    engine = connections.create(urls.parse(database_url))
    with connections.writing(engine) as connection:
        command.downgrade(alembic_config(connection), "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    with connections.writing(engine) as connection:
        command.upgrade(alembic_config(connection), "head")
        assert set(metadata.tables) < set(inspect(connection).get_table_names())
    engine.dispose()


def test_there_is_one_head() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [head_revision()]


def test_the_first_migration_needs_nothing_of_the_code() -> None:
    for revision in (MIGRATIONS / "versions").glob("v*.py"):
        assert "signals" not in revision.read_text()


def test_an_order_that_an_older_version_took_for_a_burst_is_learned_from_again(engine: Engine) -> None:
    store(engine, *(event(number, "purchase", item=f"item-{number}") for number in range(130)), event("look", "view"))
    update_interactions(engine)
    with connections.writing(engine) as connection:
        command.downgrade(alembic_config(connection), "0005")
        connection.execute(text("UPDATE events SET flag = 'burst' WHERE kind = 'purchase'"))
        connection.execute(text("UPDATE events SET flag = 'clock_ahead' WHERE kind = 'view'"))
    with connections.writing(engine) as connection:
        command.upgrade(alembic_config(connection), "head")
    update_interactions(engine)
    assert EventStore(engine).count_flagged() == {Flag.CLOCK_AHEAD: 1}
    assert len(interactions(engine, datetime(2200, 1, 1, tzinfo=UTC))) == 130


def test_migrating_says_from_where_to_where_and_twice_is_once(database_url: str) -> None:
    assert migrate(database_url) == Migrated(None, head_revision())
    assert migrate(database_url) == Migrated(head_revision(), head_revision())


def test_a_failing_migration_leaves_no_table(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = command.upgrade

    def fail_at_the_end(*args: Any) -> None:
        upgrade(*args)
        raise RuntimeError("stopped")

    monkeypatch.setattr(command, "upgrade", fail_at_the_end)
    with pytest.raises(RuntimeError):
        migrate(database_url)
    engine = connections.create(urls.parse(database_url))
    assert inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize("exists", [True, False])
def test_an_empty_or_missing_sqlite_file_is_migrated_on_open(sqlite_url: str, exists: bool) -> None:
    if exists:
        Path(sqlite_url.removeprefix("sqlite:///")).touch()
    engine = open_database(sqlite_url)
    assert EventStore(engine).count() == 0
    engine.dispose()


def test_an_empty_postgresql_database_is_refused_with_the_command_to_run(postgres_url: str) -> None:
    with pytest.raises(SchemaOutdatedError, match="run: recommender migrate --database 'postgresql://"):
        open_database(postgres_url)


def test_a_file_with_other_tables_is_not_migrated_on_open(sqlite_url: str) -> None:
    execute(sqlite_url, "CREATE TABLE notes (id INTEGER)")
    with pytest.raises(SchemaOutdatedError, match="no tables of a shop"):
        open_database(sqlite_url)


def test_an_older_revision_is_refused_with_the_command_to_run(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(database_url)
    monkeypatch.setattr("signals.database.head_revision", lambda: "9999")
    with pytest.raises(
        SchemaOutdatedError, match=f"tables of revision {NEWEST}, this version needs 9999; run: recommender"
    ):
        open_database(database_url)


def test_a_newer_revision_is_refused_and_not_told_to_migrate(database_url: str) -> None:
    migrate(database_url)
    set_revision(database_url, "9999")
    for open_or_migrate in (open_database, migrate):
        with pytest.raises(SchemaUnknownError, match=f"'9999', newer than {NEWEST}") as refused:
            open_or_migrate(database_url)
        assert "recommender migrate" not in str(refused.value)


def test_a_table_of_another_program_is_never_taken_over(database_url: str) -> None:
    execute(database_url, "CREATE TABLE events (id INTEGER)")
    for open_or_migrate in (open_database, migrate):
        with pytest.raises(SchemaUnknownError, match="'events' made by another program"):
            open_or_migrate(database_url)


def test_one_empty_file_opened_by_many_threads_is_migrated_once(sqlite_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        engines = list(pool.map(open_database, [sqlite_url] * 8))
    assert [EventStore(engine).count() for engine in engines] == [0] * 8
    for engine in engines:
        engine.dispose()


def test_one_empty_file_opened_by_three_processes_is_migrated_once(sqlite_url: str) -> None:
    program = f"from signals.database import open_database; open_database({sqlite_url!r}).dispose()"
    processes = [
        subprocess.Popen([sys.executable, "-c", program], cwd=MIGRATIONS.parent, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    errors = [process.communicate(timeout=60)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], errors


def test_two_migrations_of_one_postgresql_database_wait_for_each_other(postgres_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(migrate, [postgres_url] * 2))
    assert sorted(str(result.from_revision) for result in results) == [head_revision(), "None"]
