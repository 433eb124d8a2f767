"""What was aggregated so far, and which events a rule has set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql")
TIME = sa.BigInteger()
IS_FLAGGED = sa.text("flag IS NOT NULL")


def upgrade() -> None:
    op.add_column("events", sa.Column("flag", sa.String(length=32), nullable=True))
    op.create_index(
        "ix_events_flagged", "events", ["flag", "occurred_at"], sqlite_where=IS_FLAGGED, postgresql_where=IS_FLAGGED
    )
    op.create_table(
        "interactions",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("first_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "item_id", "kind", name=op.f("pk_interactions")),
    )
    op.create_table(
        "progress",
        sa.Column("task", sa.String(length=32), nullable=False),
        sa.Column("last_event", sa.BigInteger(), nullable=False),
        sa.Column("last_alias", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_progress")),
    )


def downgrade() -> None:
    op.drop_table("progress")
    op.drop_table("interactions")
    op.drop_index("ix_events_flagged", "events")
    op.drop_column("events", "flag")
