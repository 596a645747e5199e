/**
 * Schema of lists.db. Every content of a list is a generation: a load fills a new one, and the
 * switch is one row of `lists`. So a load of a million rows disturbs no lookup, and half a list
 * cannot exist. `ref` is the vehicle of a tag; `plates` finds a vehicle by any plate it may show.
 * `looks` finds an entry by a name beside its key, written as `<name>:<value>` (looksOf).
 * The generation 0 is no content: only the version counts, below which the list must not go.
 */
export const listMigrations: readonly string[] = [
  `
  CREATE TABLE lists (
    list          TEXT PRIMARY KEY,
    generation    INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    content_hash  TEXT NOT NULL,
    count         INTEGER NOT NULL,
    published_at  INTEGER NOT NULL,
    confirmed_at  INTEGER
  ) WITHOUT ROWID;
  CREATE TABLE entries (
    generation INTEGER NOT NULL,
    key        TEXT NOT NULL,
    hash       BLOB NOT NULL,
    ref        TEXT,
    body       TEXT NOT NULL,
    PRIMARY KEY (generation, key)
  ) WITHOUT ROWID;
  CREATE INDEX entries_hash ON entries (generation, key, hash);
  CREATE INDEX entries_ref ON entries (generation, ref) WHERE ref IS NOT NULL;
  CREATE TABLE plates (
    generation INTEGER NOT NULL,
    plate      TEXT NOT NULL,
    key        TEXT NOT NULL,
    PRIMARY KEY (generation, plate, key)
  ) WITHOUT ROWID;
  CREATE INDEX plates_key ON plates (generation, key);
  `,
  `
  CREATE TABLE looks (
    generation INTEGER NOT NULL,
    look       TEXT NOT NULL,
    key        TEXT NOT NULL,
    PRIMARY KEY (generation, look, key)
  ) WITHOUT ROWID;
  CREATE INDEX looks_key ON looks (generation, key);
  `,
  // The content hash is a tree (messages/list-hash.ts), and rows lie in its order: a full list comes in
  // that order, so that it is appended, and a leaf is read in one piece. What was there was hashed in
  // another way and cannot be checked any more: it is fetched again, and no version goes back.
  `
  DROP TABLE entries;
  DROP TABLE plates;
  DROP TABLE looks;
  UPDATE lists SET generation = 0, content_hash = '', count = 0;
  CREATE TABLE entries (
    generation INTEGER NOT NULL,
    leaf       INTEGER NOT NULL,
    key        TEXT NOT NULL,
    hash       BLOB NOT NULL,
    ref        TEXT,
    ref_leaf   INTEGER,
    body       TEXT NOT NULL,
    PRIMARY KEY (generation, leaf, key)
  ) WITHOUT ROWID;
  CREATE INDEX entries_ref ON entries (generation, ref) WHERE ref IS NOT NULL;
  CREATE TABLE plates (
    generation INTEGER NOT NULL,
    plate      TEXT NOT NULL,
    key        TEXT NOT NULL,
    leaf       INTEGER NOT NULL,
    PRIMARY KEY (generation, plate, key)
  ) WITHOUT ROWID;
  CREATE TABLE looks (
    generation INTEGER NOT NULL,
    look       TEXT NOT NULL,
    key        TEXT NOT NULL,
    leaf       INTEGER NOT NULL,
    PRIMARY KEY (generation, look, key)
  ) WITHOUT ROWID;
  CREATE TABLE leaves (
    generation INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    hash       TEXT NOT NULL,
    PRIMARY KEY (generation, at)
  ) WITHOUT ROWID;
  CREATE TABLE branches (
    generation INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    hash       TEXT NOT NULL,
    PRIMARY KEY (generation, at)
  ) WITHOUT ROWID;
  `,
  // Contents that are being loaded, so that what came before a cut or a restart is not fetched again.
  `
  CREATE TABLE staged (
    list          TEXT PRIMARY KEY,
    generation    INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    content_hash  TEXT NOT NULL,
    count         INTEGER NOT NULL,
    published_at  INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  // Tags are found by their vehicle as everything else is by its names: an index beside the entries was filled in no
  // order while a list came in, and names are sorted first (list-names.ts).
  `
  INSERT INTO looks (generation, look, key, leaf)
    SELECT generation, 'ref:' || ref, key, leaf FROM entries WHERE ref IS NOT NULL ORDER BY 1, 2, 3;
  DROP INDEX entries_ref;
  `,
  // Whose lists these are, and a checksum over each head: rows of other tables are held by the content hash.
  `
  ALTER TABLE lists ADD COLUMN seal TEXT;
  CREATE TABLE owner (name TEXT PRIMARY KEY) WITHOUT ROWID;
  `,
]
