"""Batches: which runs there were, and the recommendations that storefronts serve of one of them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "batch_runs",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("constraints", sa.JSON(), nullable=False),
        sa.Column("is_served", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_batch_runs")),
    )
    op.create_table(
        "prepared",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("cold_start", sa.Boolean(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("copy_text", sa.Text(), nullable=True),
        sa.Column("quoted", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["batch_runs.run_id"], name=op.f("fk_prepared_run_id_batch_runs")),
        sa.PrimaryKeyConstraint("run_id", "user_id", name=op.f("pk_prepared")),
    )


def downgrade() -> None:
    op.drop_table("prepared")
    op.drop_table("batch_runs")
