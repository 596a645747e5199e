/**
 * The tables of versions that are being stored. Rows of such a version stand among the others with its number and are
 * in no list, because everybody reads through the views; the version comes into force when its row in `list_pending` goes.
 */
export const loadTables: readonly string[] = [
  'CREATE TABLE list_pending (list TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID',
  // What leaves the list with that version, as its places in the tree; it leaves in the last transaction.
  `CREATE TABLE list_leaving (
    list TEXT NOT NULL, leaf INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (list, leaf, key)) WITHOUT ROWID`,
  ...(['list_entries', 'list_leaves'] as const).flatMap((table) => [
    `ALTER TABLE ${table} RENAME TO ${table}_all`,
    `CREATE VIEW ${table} AS SELECT * FROM ${table}_all AS one WHERE NOT EXISTS (
      SELECT 1 FROM list_pending AS p WHERE p.list = one.list AND p.version = one.since)`,
  ]),
  // Names are taken away by what the entry says: in the order of keys they stood once more, and in no order that they came.
  'DROP INDEX list_names_key',
]

/** Of rows of `list_entries_all` and `list_leaves_all`: in the newest version. `list` is the parameter with the list. */
export const inForce = (list: string): string =>
  `(gone IS NULL OR gone = (SELECT version FROM list_pending WHERE list = ${list}))
     AND since IS NOT (SELECT version FROM list_pending WHERE list = ${list})`

const pendingOf = '(SELECT version FROM list_pending AS p WHERE p.list = one.list)'
const isHidden = (version: string): string =>
  `EXISTS (SELECT 1 FROM list_pending AS p WHERE p.list = one.list AND p.version = one.${version})`

/**
 * What leaves a list with a version that is being stored is marked with its number beforehand, and is in force as long
 * as that version stands in `list_pending`: its last transaction then touches no row of what leaves. Names have the
 * version that they come and go with for the same reason; those that are gone are swept later (`forgetGoneNames`).
 */
export const leaveTables: readonly string[] = [
  'DROP TABLE list_leaving',
  ...(
    [
      ['list_entries', 'hash, entry'],
      ['list_leaves', 'leaf, hash'],
    ] as const
  ).flatMap(([table, columns]) => [
    `DROP VIEW ${table}`,
    `CREATE VIEW ${table} AS SELECT list, key, since, nullif(gone, ${pendingOf}) AS gone, ${columns}
     FROM ${table}_all AS one WHERE NOT ${isHidden('since')}`,
  ]),
  // For whoever asks by the version of leaving: an index finds no column of a view that is computed.
  `CREATE VIEW list_left AS SELECT list, key, since, gone, hash, entry FROM list_entries_all AS one
   WHERE gone IS NOT NULL AND NOT ${isHidden('since')} AND NOT ${isHidden('gone')}`,
  'ALTER TABLE list_names RENAME TO list_names_all',
  // Null: with a version that was made in one transaction.
  'ALTER TABLE list_names_all ADD COLUMN since INTEGER',
  'ALTER TABLE list_names_all ADD COLUMN gone INTEGER',
  'CREATE INDEX list_names_gone ON list_names_all (list, gone) WHERE gone IS NOT NULL',
  `CREATE VIEW list_names AS SELECT list, name, value, key FROM list_names_all AS one
   WHERE (gone IS NULL OR ${isHidden('gone')}) AND NOT ${isHidden('since')}`,
]
