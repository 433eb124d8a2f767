"""The first tables: events, the catalogue, and what was shown."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()
AMOUNT = sa.BigInteger()
IS_ALIAS = sa.text("kind = 'alias'")
IS_ANONYMOUS = sa.text("user_id IS NULL")


def upgrade() -> None:
    _create_events()
    _create_products()
    _create_requests()
    _create_impressions()
    _create_variants()
    _create_offers()


def downgrade() -> None:
    op.drop_table("offers")
    op.drop_table("variants")
    op.drop_table("impressions")
    op.drop_table("requests")
    op.drop_table("products")
    op.drop_table("events")


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("source", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("anonymous_id", ID, nullable=True),
        sa.Column("session_id", ID, nullable=True),
        sa.Column("item_id", ID, nullable=True),
        sa.Column("variant_id", ID, nullable=True),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", AMOUNT, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("order_id", ID, nullable=True),
        sa.Column("request_id", ID, nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("query", sa.Text(), nullable=True),
        sa.Column("properties", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_events_source_event_id")),
    )
    op.create_index(
        "ix_events_alias_latest",
        "events",
        ["anonymous_id", "occurred_at"],
        unique=False,
        sqlite_where=IS_ALIAS,
        postgresql_where=IS_ALIAS,
    )
    op.create_index(
        "ix_events_alias_of_user",
        "events",
        ["user_id", "anonymous_id"],
        unique=False,
        sqlite_where=IS_ALIAS,
        postgresql_where=IS_ALIAS,
    )
    op.create_index(
        op.f("ix_events_anonymous_id_occurred_at"),
        "events",
        ["anonymous_id", "occurred_at"],
        unique=False,
        sqlite_where=IS_ANONYMOUS,
        postgresql_where=IS_ANONYMOUS,
    )
    op.create_index(op.f("ix_events_occurred_at_id"), "events", ["occurred_at", "id"], unique=False)
    op.create_index(op.f("ix_events_user_id_occurred_at"), "events", ["user_id", "occurred_at"], unique=False)


def _create_products() -> None:
    op.create_table(
        "products",
        sa.Column("item_id", ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("category", sa.JSON(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_products")),
    )
    op.create_index(op.f("ix_products_updated_at"), "products", ["updated_at"], unique=False)


def _create_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("request_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("session_id", ID, nullable=True),
        sa.Column("endpoint", sa.String(length=32), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("constraints", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("personalized", sa.Boolean(), nullable=False),
        sa.Column("cold_start", sa.Boolean(), nullable=False),
        sa.Column("as_of", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_requests")),
    )


def _create_impressions() -> None:
    op.create_table(
        "impressions",
        sa.Column("request_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("propensity", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.request_id"], name=op.f("fk_impressions_request_id_requests")
        ),
        sa.PrimaryKeyConstraint("request_id", "position", name=op.f("pk_impressions")),
    )


def _create_variants() -> None:
    op.create_table(
        "variants",
        sa.Column("variant_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["products.item_id"], name=op.f("fk_variants_item_id_products")),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_variants")),
    )
    op.create_index(op.f("ix_variants_item_id"), "variants", ["item_id"], unique=False)


def _create_offers() -> None:
    op.create_table(
        "offers",
        sa.Column("variant_id", ID, nullable=False),
        sa.Column("valid_from", TIME, autoincrement=False, nullable=False),
        sa.Column("price", AMOUNT, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("availability", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.variant_id"], name=op.f("fk_offers_variant_id_variants")),
        sa.PrimaryKeyConstraint("variant_id", "valid_from", name=op.f("pk_offers")),
    )
    op.create_index(op.f("ix_offers_valid_from"), "offers", ["valid_from"], unique=False)
