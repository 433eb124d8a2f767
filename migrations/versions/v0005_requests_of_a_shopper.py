"""The requests of one shopper by time, so that what they were shown lately is found at once."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_requests_user_id_created_at", "requests", ["user_id", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_requests_user_id_created_at", "requests")
