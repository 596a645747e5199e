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
