"""The tables: the one source for the stores and for Alembic."""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from signals.column_types import ExactAmount, UtcTime, identifier, serial

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

KIND_LENGTH: Final = 32
CURRENCY_LENGTH: Final = 3
MARK_BYTES: Final = 16
KEY_BYTES: Final = 32
IS_ALIAS: Final = text("kind = 'alias'")
IS_ANONYMOUS: Final = text("user_id IS NULL")
IS_FLAGGED: Final = text("flag IS NOT NULL")

events = Table(
    "events",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=True),
    Column("source", identifier(), nullable=False),
    Column("event_id", identifier(), nullable=False),
    Column("kind", String(KIND_LENGTH), nullable=False),
    Column("user_id", identifier()),
    Column("anonymous_id", identifier()),
    Column("session_id", identifier()),
    Column("item_id", identifier()),
    Column("variant_id", identifier()),
    Column("occurred_at", UtcTime, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_price", ExactAmount),
    Column("currency", String(CURRENCY_LENGTH)),
    Column("order_id", identifier()),
    Column("request_id", identifier()),
    Column("position", BigInteger),
    Column("query", Text),
    Column("properties", JSON(none_as_null=True)),
    Column("flag", String(KIND_LENGTH)),
    UniqueConstraint("source", "event_id"),
    Index(None, "occurred_at", "id"),
    Index(None, "user_id", "occurred_at"),
    Index(None, "anonymous_id", "occurred_at", sqlite_where=IS_ANONYMOUS, postgresql_where=IS_ANONYMOUS),
    Index("ix_events_flagged", "flag", "occurred_at", sqlite_where=IS_FLAGGED, postgresql_where=IS_FLAGGED),
    Index("ix_events_alias_of_user", "user_id", "anonymous_id", sqlite_where=IS_ALIAS, postgresql_where=IS_ALIAS),
    Index("ix_events_alias_latest", "anonymous_id", "occurred_at", sqlite_where=IS_ALIAS, postgresql_where=IS_ALIAS),
)

interactions = Table(
    "interactions",
    metadata,
    Column("user_id", identifier(), primary_key=True),
    Column("item_id", identifier(), primary_key=True),
    Column("kind", String(KIND_LENGTH), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
)

progress = Table(
    "progress",
    metadata,
    Column("task", String(KIND_LENGTH), primary_key=True),
    Column("last_event", BigInteger, nullable=False),
    Column("last_alias", BigInteger, nullable=False),
)

products = Table(
    "products",
    metadata,
    Column("item_id", identifier(), primary_key=True),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("brand", Text),
    Column("category", JSON, nullable=False),
    Column("url", Text),
    Column("image", Text),
    Column("attributes", JSON, nullable=False),
    Column("updated_at", UtcTime, nullable=False, index=True),
)

variants = Table(
    "variants",
    metadata,
    Column("variant_id", identifier(), primary_key=True),
    Column("item_id", identifier(), ForeignKey("products.item_id"), nullable=False, index=True),
    Column("attributes", JSON, nullable=False),
    Column("image", Text),
    Column("position", Integer, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    Column("variant_id", identifier(), ForeignKey("variants.variant_id"), primary_key=True),
    Column("valid_from", UtcTime, primary_key=True, autoincrement=False, index=True),
    Column("price", ExactAmount),
    Column("currency", String(CURRENCY_LENGTH)),
    Column("availability", String(KIND_LENGTH), nullable=False),
    Column("quantity", BigInteger),
)

requests = Table(
    "requests",
    metadata,
    Column("request_id", identifier(), primary_key=True),
    Column("user_id", identifier()),
    Column("session_id", identifier()),
    Column("endpoint", String(KIND_LENGTH), nullable=False),
    Column("k", Integer, nullable=False),
    Column("constraints", JSON(none_as_null=True)),
    Column("asked", JSON(none_as_null=True)),
    Column("model_version", Text, nullable=False),
    Column("personalized", Boolean, nullable=False),
    Column("cold_start", Boolean, nullable=False),
    Column("as_of", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "user_id", "created_at"),
)

impressions = Table(
    "impressions",
    metadata,
    Column("request_id", identifier(), ForeignKey("requests.request_id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("item_id", identifier(), nullable=False),
    Column("score", Double, nullable=False),
    Column("propensity", Double, nullable=False),
)

batch_runs = Table(
    "batch_runs",
    metadata,
    Column("run_id", identifier(), primary_key=True),
    Column("folder", Text, nullable=False),
    Column("k", Integer, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("as_of", UtcTime, nullable=False),
    Column("constraints", JSON, nullable=False),
    Column("is_served", Boolean, nullable=False),
)

prepared = Table(
    "prepared",
    metadata,
    Column("run_id", identifier(), ForeignKey("batch_runs.run_id"), primary_key=True),
    Column("user_id", identifier(), primary_key=True),
    Column("cold_start", Boolean, nullable=False),
    Column("items", JSON, nullable=False),
    Column("copy_text", Text),
    Column("quoted", JSON(none_as_null=True)),
)

turns = Table(
    "turns",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=True),
    Column("session_id", identifier(), nullable=False),
    Column("number", Integer, nullable=False),
    Column("user_id", identifier(), index=True),
    Column("request_id", identifier()),
    Column("text", Text, nullable=False),
    Column("state", JSON, nullable=False),
    Column("reply", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index(None, "session_id", "id"),
)

privacy_log = Table(
    "privacy_log",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("action", String(KIND_LENGTH), nullable=False),
    Column("shopper", String(2 * MARK_BYTES), nullable=False),
    Column("counts", JSON, nullable=False),
    Column("outcome", String(KIND_LENGTH), nullable=False),
)

erased_events = Table("erased_events", metadata, Column("mark", LargeBinary(MARK_BYTES), primary_key=True))

privacy_keys = Table("privacy_keys", metadata, Column("key", LargeBinary(KEY_BYTES), primary_key=True))
