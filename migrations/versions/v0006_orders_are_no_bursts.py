"""Bursts are found anew, for the lines of a large order are none: the interactions are counted from the first event."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _begin_anew()


def downgrade() -> None:
    _begin_anew()


def _begin_anew() -> None:
    op.execute("UPDATE events SET flag = NULL WHERE flag = 'burst'")
    op.execute("DELETE FROM interactions")
    op.execute("DELETE FROM progress")
