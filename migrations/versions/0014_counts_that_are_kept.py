"""counts that are kept, and lists read in the order of an index"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

BEFORE = (('ix_practice_list', 'published_at'), ('ix_practice_adopted', 'adopted'), ('ix_practice_evidence', 'evidence_level'))
AFTER = (('ix_practice_newest', 'published_at'), ('ix_practice_most_adopted', 'adopted'), ('ix_practice_best_evidence', 'evidence_level'))


def upgrade() -> None:
    op.create_table(
        'library_stamp',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('drawn', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_library_stamp')),
    )
    for name, _column in BEFORE:
        op.drop_index(name, 'practice')
    for name, column in AFTER:
        op.create_index(name, 'practice', [column, 'id'])


def downgrade() -> None:
    for name, _column in AFTER:
        op.drop_index(name, 'practice')
    for name, column in BEFORE:
        op.create_index(name, 'practice', ['stage', column, 'id'])
    op.drop_table('library_stamp')
