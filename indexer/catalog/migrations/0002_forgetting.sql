-- What must not come in again: salted hashes of names and of photos' bytes. The salt is in meta.
CREATE TABLE wishes (
    hash BLOB PRIMARY KEY,
    at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID;

-- Photos that came by hand and not from FACES: they stay when FACES does not have them.
ALTER TABLE photos ADD COLUMN added INTEGER NOT NULL DEFAULT 0;
