-- What a table of photos says of each beside path and person: pairs of a column's name and a value, as JSON.
CREATE TABLE photo_columns (
    photo_id INTEGER PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    pairs TEXT NOT NULL,
    seal INTEGER
);
CREATE INDEX photo_columns_unsealed ON photo_columns (seal) WHERE seal IS NULL;
CREATE TRIGGER photo_columns_changed AFTER UPDATE OF photo_id, pairs ON photo_columns
BEGIN UPDATE photo_columns SET seal = NULL WHERE photo_id = NEW.photo_id; END;
