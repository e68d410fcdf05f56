"""minutes"""

import sqlalchemy as sa
from alembic import op

from hub.audit.actions import keyed

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None
KINDS_BEFORE = "kind IN ('message', 'join', 'leave', 'terms', 'state', 'edit', 'withdraw', 'ack_request', 'ack', 'translation')"
KINDS = "kind IN ('message', 'join', 'leave', 'terms', 'state', 'minutes', 'signature', 'disclosure', 'edit', 'withdraw', 'ack_request', 'ack', 'translation', 'point', 'decision', 'action', 'hidden', 'restored', 'redacted')"


def upgrade() -> None:
    op.create_table('minutes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('room_id', sa.Integer(), nullable=False),
    sa.Column('num', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('terms_num', sa.Integer(), nullable=True),
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('head_seq', sa.Integer(), nullable=True),
    sa.Column('head_hash', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_minutes_room_id_room')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_minutes')),
    sa.UniqueConstraint('room_id', 'num', name=op.f('uq_minutes_room_id_num'))
    )
    with op.batch_alter_table('minutes', schema=None) as batch_op:
        batch_op.create_index('uq_minutes_open', ['room_id'], unique=True, sqlite_where=sa.text('agreed_at IS NULL'), postgresql_where=sa.text('agreed_at IS NULL'))

    op.create_table('minutes_revision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('minutes_id', sa.Integer(), nullable=False),
    sa.Column('num', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('side_id', sa.Integer(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('marks_upto', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_minutes_revision_author_id_user')),
    sa.ForeignKeyConstraint(['minutes_id'], ['minutes.id'], name=op.f('fk_minutes_revision_minutes_id_minutes')),
    sa.ForeignKeyConstraint(['side_id'], ['delegation.id'], name=op.f('fk_minutes_revision_side_id_delegation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_minutes_revision')),
    sa.UniqueConstraint('minutes_id', 'num', name=op.f('uq_minutes_revision_minutes_id_num'))
    )
    with op.batch_alter_table('minutes_revision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_minutes_revision_author_id'), ['author_id'], unique=False)

    op.create_table('minutes_signature',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('minutes_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('side_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('signer', sa.Text(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_minutes_signature_by_id_user')),
    sa.ForeignKeyConstraint(['minutes_id'], ['minutes.id'], name=op.f('fk_minutes_signature_minutes_id_minutes')),
    sa.ForeignKeyConstraint(['side_id'], ['delegation.id'], name=op.f('fk_minutes_signature_side_id_delegation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_minutes_signature')),
    sa.UniqueConstraint('minutes_id', 'side_id', 'hash', 'by_id', name=op.f('uq_minutes_signature_minutes_id_side_id_hash_by_id'))
    )
    with op.batch_alter_table('minutes_signature', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_minutes_signature_by_id'), ['by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_minutes_signature_minutes_id'), ['minutes_id'], unique=False)

    op.create_table('minutes_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('revision_id', sa.Integer(), nullable=False),
    sa.Column('section', sa.String(), nullable=False),
    sa.Column('side_id', sa.Integer(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.CheckConstraint("section IN ('agenda', 'attendance', 'decisions', 'actions', 'reservations', 'languages', 'next_meeting')", name=op.f('ck_minutes_line_section')),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_minutes_line_owner_id_user')),
    sa.ForeignKeyConstraint(['revision_id'], ['minutes_revision.id'], name=op.f('fk_minutes_line_revision_id_minutes_revision')),
    sa.ForeignKeyConstraint(['side_id'], ['delegation.id'], name=op.f('fk_minutes_line_side_id_delegation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_minutes_line'))
    )
    with op.batch_alter_table('minutes_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_minutes_line_revision_id'), ['revision_id'], unique=False)

    op.create_table('task',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('minutes_id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('num', sa.Integer(), nullable=False),
    sa.Column('side_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('remind_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by_id', sa.Integer(), nullable=True),
    sa.Column('done_by', sa.Text(), nullable=False),
    sa.Column('done_words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['done_by_id'], ['user.id'], name=op.f('fk_task_done_by_id_user')),
    sa.ForeignKeyConstraint(['line_id'], ['minutes_line.id'], name=op.f('fk_task_line_id_minutes_line')),
    sa.ForeignKeyConstraint(['minutes_id'], ['minutes.id'], name=op.f('fk_task_minutes_id_minutes')),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_task_owner_id_user')),
    sa.ForeignKeyConstraint(['side_id'], ['delegation.id'], name=op.f('fk_task_side_id_delegation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task')),
    sa.UniqueConstraint('line_id', name=op.f('uq_task_line_id'))
    )
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_task_minutes_id'), ['minutes_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_task_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index('ix_task_remind', ['remind_at'], unique=False, sqlite_where=sa.text('remind_at IS NOT NULL'), postgresql_where=sa.text('remind_at IS NOT NULL'))
        batch_op.create_index('ix_task_to_do', ['side_id'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    with op.batch_alter_table('room_entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('side_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('mac', sa.String(), server_default='', nullable=False))
        batch_op.drop_constraint(op.f('ck_room_entry_kind'), type_='check')
        batch_op.create_check_constraint('kind', KINDS)
    _seal_entries()


def _seal_entries() -> None:
    """What was said before entries had a keyed hash gets one."""
    entry = sa.table('room_entry', sa.column('room_id'), sa.column('seq'), sa.column('body_md'), sa.column('mac'))
    database = op.get_bind()
    for room_id, seq, words in database.execute(sa.select(entry.c.room_id, entry.c.seq, entry.c.body_md)).all():
        database.execute(sa.update(entry).where(entry.c.room_id == room_id, entry.c.seq == seq).values(mac=keyed(words)))


def downgrade() -> None:
    op.execute(f"DELETE FROM room_entry WHERE NOT ({KINDS_BEFORE})")
    with op.batch_alter_table('room_entry', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_room_entry_kind'), type_='check')
        batch_op.create_check_constraint('kind', KINDS_BEFORE)
        batch_op.drop_column('mac')
        batch_op.drop_column('due_on')
        batch_op.drop_column('side_id')

    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.drop_index('ix_task_to_do', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
        batch_op.drop_index('ix_task_remind', sqlite_where=sa.text('remind_at IS NOT NULL'), postgresql_where=sa.text('remind_at IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_task_owner_id'))
        batch_op.drop_index(batch_op.f('ix_task_minutes_id'))

    op.drop_table('task')
    with op.batch_alter_table('minutes_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_minutes_line_revision_id'))

    op.drop_table('minutes_line')
    with op.batch_alter_table('minutes_signature', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_minutes_signature_minutes_id'))
        batch_op.drop_index(batch_op.f('ix_minutes_signature_by_id'))

    op.drop_table('minutes_signature')
    with op.batch_alter_table('minutes_revision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_minutes_revision_author_id'))

    op.drop_table('minutes_revision')
    with op.batch_alter_table('minutes', schema=None) as batch_op:
        batch_op.drop_index('uq_minutes_open', sqlite_where=sa.text('agreed_at IS NULL'), postgresql_where=sa.text('agreed_at IS NULL'))

    op.drop_table('minutes')
