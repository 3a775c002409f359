-- Names that photo programs gave, as photos and the files beside them have them. The mark tells when one of the files
-- beside a photo has changed; sides are of the upright picture in pixels, boxes of names are fractions of them.
CREATE TABLE names_read (
    photo_id INTEGER PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    mark TEXT NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL,
    seal INTEGER
);
CREATE INDEX names_read_unsealed ON names_read (seal) WHERE seal IS NULL;
CREATE TRIGGER names_read_changed AFTER UPDATE OF photo_id, mark, width, height ON names_read
BEGIN UPDATE names_read SET seal = NULL WHERE photo_id = NEW.photo_id; END;

CREATE TABLE claims (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    x REAL, y REAL, width REAL, height REAL,
    sources TEXT NOT NULL,
    seal INTEGER
);
CREATE INDEX claims_photo ON claims (photo_id);
CREATE INDEX claims_unsealed ON claims (seal) WHERE seal IS NULL;
CREATE TRIGGER claims_changed AFTER UPDATE OF id, photo_id, name, x, y, width, height, sources ON claims
BEGIN UPDATE claims SET seal = NULL WHERE id = NEW.id; END;
