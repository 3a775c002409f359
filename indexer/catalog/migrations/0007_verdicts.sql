-- What people say of faces by hand, apart from the folders. A face is known by its photo's content and its box, so that
-- it is found again whatever numbers it has; a later verdict on it overrules an earlier one. `step` numbers what was
-- said at once and can be taken back at once; `before` is the name that the face had. Nothing takes back step 0.
CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    step INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    x INTEGER NOT NULL, y INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    second REAL,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    before TEXT NOT NULL,
    seal INTEGER
);
CREATE INDEX verdicts_photo ON verdicts (sha256);
CREATE INDEX verdicts_unsealed ON verdicts (seal) WHERE seal IS NULL;
CREATE TRIGGER verdicts_changed AFTER UPDATE OF
    id, step, sha256, x, y, width, height, second, kind, person, before ON verdicts
BEGIN UPDATE verdicts SET seal = NULL WHERE id = NEW.id; END;

-- Other names for people, whatever their folders are called, in the order they were given.
CREATE TABLE renamings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    step INTEGER NOT NULL,
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    seal INTEGER
);
CREATE INDEX renamings_unsealed ON renamings (seal) WHERE seal IS NULL;
CREATE TRIGGER renamings_changed AFTER UPDATE OF id, step, old, new ON renamings
BEGIN UPDATE renamings SET seal = NULL WHERE id = NEW.id; END;

CREATE INDEX photos_content ON photos (sha256);

-- Whether the folder with this name was told to be an album, which shows many people: 1, or 0 for a person's. It is empty
-- until there are photos enough to tell; whoever was a person before stays one.
ALTER TABLE people ADD COLUMN album INTEGER;
UPDATE people SET album = 0, seal = NULL;
DROP TRIGGER people_changed;
CREATE TRIGGER people_changed AFTER UPDATE OF id, name, album ON people
BEGIN UPDATE people SET seal = NULL WHERE id = NEW.id; END;
