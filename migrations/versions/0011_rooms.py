"""rooms"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('room',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('pillar_id', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('attribution', sa.String(), nullable=False),
    sa.Column('retention_days', sa.Integer(), nullable=False),
    sa.Column('shows_writing', sa.Boolean(), nullable=False),
    sa.Column('terms_num', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('last_seq', sa.Integer(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("label IN ('TLP:AMBER+STRICT', 'TLP:RED')", name=op.f('ck_room_label')),
    sa.CheckConstraint("state IN ('proposed', 'open', 'paused', 'closed', 'archived', 'declined', 'withdrawn')", name=op.f('ck_room_state')),
    sa.ForeignKeyConstraint(['pillar_id'], ['pillar.id'], name=op.f('fk_room_pillar_id_pillar')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_room')),
    sa.UniqueConstraint('public_id', name=op.f('uq_room_public_id'))
    )
    op.create_table('delegation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('room_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('agreed', sa.Boolean(), nullable=False),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('declined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_delegation_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_delegation_room_id_room')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delegation')),
    sa.UniqueConstraint('room_id', 'organisation_id', name=op.f('uq_delegation_room_id_organisation_id'))
    )
    with op.batch_alter_table('delegation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delegation_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('room_entry',
    sa.Column('room_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('delegation_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=True),
    sa.Column('target_seq', sa.Integer(), nullable=True),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('speaker', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('body_md', sa.Text(), nullable=False),
    sa.Column('body_html', sa.Text(), nullable=False),
    sa.Column('html_version', sa.Integer(), nullable=False),
    sa.Column('lang', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('message', 'join', 'leave', 'terms', 'state', 'edit', 'withdraw', 'ack_request', 'ack', 'translation')", name=op.f('ck_room_entry_kind')),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_room_entry_author_id_user')),
    sa.ForeignKeyConstraint(['delegation_id'], ['delegation.id'], name=op.f('fk_room_entry_delegation_id_delegation')),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_room_entry_room_id_room')),
    sa.PrimaryKeyConstraint('room_id', 'seq', name=op.f('pk_room_entry')),
    sa.UniqueConstraint('author_id', 'client_id', name=op.f('uq_room_entry_author_id_client_id'))
    )
    with op.batch_alter_table('room_entry', schema=None) as batch_op:
        batch_op.create_index('ix_room_entry_target', ['room_id', 'target_seq'], unique=False)

    op.create_table('room_member',
    sa.Column('room_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('delegation_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('joined_seq', sa.Integer(), nullable=False),
    sa.Column('last_read_seq', sa.Integer(), nullable=False),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role IN ('head', 'delegate', 'note_taker')", name=op.f('ck_room_member_role')),
    sa.ForeignKeyConstraint(['delegation_id'], ['delegation.id'], name=op.f('fk_room_member_delegation_id_delegation')),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_room_member_room_id_room')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_room_member_user_id_user')),
    sa.PrimaryKeyConstraint('room_id', 'user_id', name=op.f('pk_room_member'))
    )
    with op.batch_alter_table('room_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_room_member_user_id'), ['user_id'], unique=False)

    op.create_table('room_terms',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('room_id', sa.Integer(), nullable=False),
    sa.Column('num', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('pillar_id', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('attribution', sa.String(), nullable=False),
    sa.Column('retention_days', sa.Integer(), nullable=False),
    sa.Column('shows_writing', sa.Boolean(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('proposed_by', sa.Integer(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('in_force_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dropped_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['pillar_id'], ['pillar.id'], name=op.f('fk_room_terms_pillar_id_pillar')),
    sa.ForeignKeyConstraint(['proposed_by'], ['user.id'], name=op.f('fk_room_terms_proposed_by_user')),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_room_terms_room_id_room')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_room_terms')),
    sa.UniqueConstraint('room_id', 'num', name=op.f('uq_room_terms_room_id_num'))
    )
    with op.batch_alter_table('room_terms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_room_terms_proposed_by'), ['proposed_by'], unique=False)

    op.create_table('room_consent',
    sa.Column('terms_id', sa.Integer(), nullable=False),
    sa.Column('delegation_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_room_consent_by_id_user')),
    sa.ForeignKeyConstraint(['delegation_id'], ['delegation.id'], name=op.f('fk_room_consent_delegation_id_delegation')),
    sa.ForeignKeyConstraint(['terms_id'], ['room_terms.id'], name=op.f('fk_room_consent_terms_id_room_terms')),
    sa.PrimaryKeyConstraint('terms_id', 'delegation_id', name=op.f('pk_room_consent'))
    )
    with op.batch_alter_table('room_consent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_room_consent_by_id'), ['by_id'], unique=False)

    with op.batch_alter_table('file', schema=None) as batch_op:
        batch_op.add_column(sa.Column('room_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('entry_seq', sa.Integer(), nullable=True))
        batch_op.drop_constraint(op.f('ck_file_one_owner'), type_='check')
        batch_op.create_check_constraint('one_owner', "(CASE WHEN post_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN practice_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN room_id IS NULL THEN 0 ELSE 1 END) = 1")
        batch_op.create_index('ix_file_entry', ['room_id', 'entry_seq'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_file_room_id_room'), 'room', ['room_id'], ['id'])



def downgrade() -> None:
    op.execute("DELETE FROM file WHERE room_id IS NOT NULL")
    with op.batch_alter_table('file', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_file_one_owner'), type_='check')
        batch_op.create_check_constraint('one_owner', '(post_id IS NULL) <> (practice_id IS NULL)')
        batch_op.drop_constraint(batch_op.f('fk_file_room_id_room'), type_='foreignkey')
        batch_op.drop_index('ix_file_entry')
        batch_op.drop_column('entry_seq')
        batch_op.drop_column('room_id')

    with op.batch_alter_table('room_consent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_room_consent_by_id'))

    op.drop_table('room_consent')
    with op.batch_alter_table('room_terms', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_room_terms_proposed_by'))

    op.drop_table('room_terms')
    with op.batch_alter_table('room_member', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_room_member_user_id'))

    op.drop_table('room_member')
    with op.batch_alter_table('room_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_room_entry_target')

    op.drop_table('room_entry')
    with op.batch_alter_table('delegation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_delegation_organisation_id'))

    op.drop_table('delegation')
    op.drop_table('room')
