-- A checksum of each row's content, which tells a flipped bit on the disk. It is empty from a change of the row to the
-- end of the transaction.
ALTER TABLE meta ADD COLUMN seal INTEGER;
ALTER TABLE wishes ADD COLUMN seal INTEGER;
ALTER TABLE people ADD COLUMN seal INTEGER;
ALTER TABLE photos ADD COLUMN seal INTEGER;
ALTER TABLE faces ADD COLUMN seal INTEGER;
ALTER TABLE events ADD COLUMN seal INTEGER;
CREATE INDEX meta_unsealed ON meta (seal) WHERE seal IS NULL;
CREATE INDEX wishes_unsealed ON wishes (seal) WHERE seal IS NULL;
CREATE INDEX people_unsealed ON people (seal) WHERE seal IS NULL;
CREATE INDEX photos_unsealed ON photos (seal) WHERE seal IS NULL;
CREATE INDEX faces_unsealed ON faces (seal) WHERE seal IS NULL;
CREATE INDEX events_unsealed ON events (seal) WHERE seal IS NULL;
CREATE TRIGGER meta_changed AFTER UPDATE OF key, value ON meta
BEGIN UPDATE meta SET seal = NULL WHERE key = NEW.key; END;
CREATE TRIGGER people_changed AFTER UPDATE OF id, name ON people
BEGIN UPDATE people SET seal = NULL WHERE id = NEW.id; END;
CREATE TRIGGER photos_changed AFTER UPDATE OF ref, person_id, sha256, size, mtime_ns, finder, reason, added ON photos
BEGIN UPDATE photos SET seal = NULL WHERE id = NEW.id; END;
CREATE TRIGGER faces_changed AFTER UPDATE OF
    photo_id, person_id, x, y, width, height, landmarks, score, quality, model, vector, second ON faces
BEGIN UPDATE faces SET seal = NULL WHERE id = NEW.id; END;
