"""flags, decisions, sanctions, purges, and where moved posts went"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

FORMER_STANDINGS = "'shown', 'hidden', 'deleted'"
STANDINGS = "'shown', 'hidden', 'removed', 'deleted', 'moved'"
FORMER_AUDIENCES = "'own_state', 'task_forces', 'everyone'"
AUDIENCES = FORMER_AUDIENCES + ", 'nobody'"
SEEN_BY = {
    'profile': ('name_for', 'about_for', 'expertise_for', 'languages_for', 'pillars_for', 'zone_for', 'availability_for'),
    'contact': ('shown_to',),
}
# Held texts had four hours, as they have now; their authors are known.
FILL = '''
UPDATE review_item SET due_at = opened_at, rule = 'identifies_person',
    author_id = (SELECT held.author_id FROM held WHERE held.id = review_item.target_id),
    state_code = (SELECT organisation.state_code FROM held JOIN "user" ON "user".id = held.author_id
        JOIN organisation ON organisation.id = "user".organisation_id WHERE held.id = review_item.target_id)
'''
# Threads that ask to be public waited on the front page of moderators; now they wait in the queue.
ASK_FOR_PUBLIC = '''
INSERT INTO review_item (kind, target_kind, target_id, revision, rule, author_id, state_code, opened_at, due_at, version, outcome, words, undo)
SELECT 'public', 'thread', thread.id, 0, '', thread.author_id, organisation.state_code, thread.last_post_at, thread.last_post_at, 1, '', '', ''
FROM thread JOIN "user" ON "user".id = thread.author_id JOIN organisation ON organisation.id = "user".organisation_id
WHERE thread.label = 'TLP:CLEAR' AND thread.cleared_upto < thread.last_num AND thread.standing = 'shown'
'''


def upgrade() -> None:
    op.create_table('public_view',
    sa.Column('thread_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.String(), nullable=False),
    sa.Column('views', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_public_view_thread_id_thread')),
    sa.PrimaryKeyConstraint('thread_id', 'day', name=op.f('pk_public_view'))
    )
    op.create_table('purge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('table', sa.String(), nullable=False),
    sa.Column('row_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('spans', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.String(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['item_id'], ['review_item.id'], name=op.f('fk_purge_item_id_review_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_purge'))
    )
    with op.batch_alter_table('purge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_purge_item_id'), ['item_id'], unique=False)
        batch_op.create_index('ix_purge_pending', ['asked_at'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.create_table('sanction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind IN ('warn', 'silence', 'suspend')", name=op.f('ck_sanction_kind')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_sanction_by_id_user')),
    sa.ForeignKeyConstraint(['item_id'], ['review_item.id'], name=op.f('fk_sanction_item_id_review_item')),
    sa.ForeignKeyConstraint(['lifted_by_id'], ['user.id'], name=op.f('fk_sanction_lifted_by_id_user')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_sanction_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sanction'))
    )
    with op.batch_alter_table('sanction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sanction_item_id'), ['item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sanction_user_id'), ['user_id'], unique=False)

    op.create_table('moved_post',
    sa.Column('thread_id', sa.Integer(), nullable=False),
    sa.Column('num', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_moved_post_post_id_post')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_moved_post_thread_id_thread')),
    sa.PrimaryKeyConstraint('thread_id', 'num', name=op.f('pk_moved_post'))
    )
    with op.batch_alter_table('moved_post', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_moved_post_post_id'), ['post_id'], unique=False)

    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.add_column(sa.Column('returned_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_post_gone', ['thread_id'], unique=False, sqlite_where=sa.text("standing <> 'shown'"), postgresql_where=sa.text("standing <> 'shown'"))

    with op.batch_alter_table('profile', schema=None) as batch_op:
        batch_op.add_column(sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('hidden_from', sa.String(), server_default='', nullable=False))

    with op.batch_alter_table('review_item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rule', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('author_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('barred_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('state_code', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('empty_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('decided_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('words', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('undo', sa.String(), nullable=False, server_default=''))
    op.execute(FILL)
    with op.batch_alter_table('review_item', schema=None) as batch_op:
        batch_op.alter_column('due_at', existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_index(batch_op.f('ix_review_item_author_id'), ['author_id'], unique=False)
        batch_op.create_index('ix_review_item_opened', ['opened_at'], unique=False)
        batch_op.create_index('ix_review_item_queue', ['due_at', 'id'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.create_index('ix_review_item_empty', ['empty_at'], unique=False, sqlite_where=sa.text('empty_at IS NOT NULL'), postgresql_where=sa.text('empty_at IS NOT NULL'))
        batch_op.create_index('ix_review_item_target', ['target_kind', 'target_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_review_item_decided_by_id_user'), 'user', ['decided_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_review_item_barred_id_user'), 'user', ['barred_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_review_item_author_id_user'), 'user', ['author_id'], ['id'])

    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.add_column(sa.Column('silenced_until', sa.DateTime(timezone=True), nullable=True))
    set_checks(STANDINGS, AUDIENCES)
    op.execute(ASK_FOR_PUBLIC)



def set_checks(standings: str, audiences: str) -> None:
    for table in ('thread', 'post'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f(f'ck_{table}_standing'), type_='check')
            batch_op.create_check_constraint(batch_op.f(f'ck_{table}_standing'), f'standing IN ({standings})')
    for table, columns in SEEN_BY.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_constraint(batch_op.f(f'ck_{table}_{column}'), type_='check')
                batch_op.create_check_constraint(batch_op.f(f'ck_{table}_{column}'), f'{column} IN ({audiences})')


def downgrade() -> None:
    op.execute("UPDATE post SET standing = 'hidden' WHERE standing IN ('removed', 'moved')")
    op.execute("UPDATE thread SET standing = 'hidden' WHERE standing IN ('removed', 'moved')")
    for table, columns in SEEN_BY.items():
        for column in columns:
            op.execute(f"UPDATE {table} SET {column} = 'own_state' WHERE {column} = 'nobody'")
    set_checks(FORMER_STANDINGS, FORMER_AUDIENCES)
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_column('silenced_until')

    with op.batch_alter_table('review_item', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_review_item_author_id_user'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_review_item_barred_id_user'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_review_item_decided_by_id_user'), type_='foreignkey')
        batch_op.drop_index('ix_review_item_target')
        batch_op.drop_index('ix_review_item_empty', sqlite_where=sa.text('empty_at IS NOT NULL'), postgresql_where=sa.text('empty_at IS NOT NULL'))
        batch_op.drop_index('ix_review_item_queue', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.drop_index('ix_review_item_opened')
        batch_op.drop_index(batch_op.f('ix_review_item_author_id'))
        batch_op.drop_column('undo')
        batch_op.drop_column('words')
        batch_op.drop_column('decided_by_id')
        batch_op.drop_column('empty_at')
        batch_op.drop_column('hidden_at')
        batch_op.drop_column('due_at')
        batch_op.drop_column('state_code')
        batch_op.drop_column('barred_id')
        batch_op.drop_column('author_id')
        batch_op.drop_column('rule')

    with op.batch_alter_table('profile', schema=None) as batch_op:
        batch_op.drop_column('hidden_from')
        batch_op.drop_column('hidden_at')

    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_index('ix_post_gone', sqlite_where=sa.text("standing <> 'shown'"), postgresql_where=sa.text("standing <> 'shown'"))
        batch_op.drop_column('returned_at')

    with op.batch_alter_table('moved_post', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_moved_post_post_id'))

    op.drop_table('moved_post')
    with op.batch_alter_table('sanction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sanction_user_id'))
        batch_op.drop_index(batch_op.f('ix_sanction_item_id'))

    op.drop_table('sanction')
    with op.batch_alter_table('purge', schema=None) as batch_op:
        batch_op.drop_index('ix_purge_pending', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_purge_item_id'))

    op.drop_table('purge')
    op.drop_table('public_view')
