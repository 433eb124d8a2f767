"""What was erased and exported, told by one-way marks; the key of the marks is drawn here."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "privacy_log",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("shopper", sa.String(length=32), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_log")),
    )
    op.create_table(
        "erased_events",
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_erased_events")),
    )
    keys = op.create_table(
        "privacy_keys",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_privacy_keys")),
    )
    op.bulk_insert(keys, [{"key": secrets.token_bytes(32)}])


def downgrade() -> None:
    op.drop_table("privacy_keys")
    op.drop_table("erased_events")
    op.drop_table("privacy_log")
