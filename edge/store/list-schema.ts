/**
 * Schema of lists.db. Every content of a list is a generation: a load fills a new one, and the
 * switch is one row of `lists`. So a load of a million rows disturbs no lookup, and half a list
 * cannot exist. `ref` is the vehicle of a tag; `plates` finds a vehicle by any plate it may show.
 * `looks` finds an entry by a name beside its key, written as `<name>:<value>` (looksOf).
 * `entries_hash` is narrow: counting and hashing a list of a million entries reads a sixth of its bytes.
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
]
