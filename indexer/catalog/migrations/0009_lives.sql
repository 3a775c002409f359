-- Dates as a picture's own file has them, such as 1987-07-04T10:15:00; empty where there are none. A photo without a row
-- was not read for them yet.
CREATE TABLE picture_dates (
    photo_id INTEGER PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    taken TEXT NOT NULL, digitised TEXT NOT NULL, xmp TEXT NOT NULL,
    seal INTEGER
);
CREATE INDEX picture_dates_unsealed ON picture_dates (seal) WHERE seal IS NULL;
CREATE TRIGGER picture_dates_changed AFTER UPDATE OF photo_id, taken, digitised, xmp ON picture_dates
BEGIN UPDATE picture_dates SET seal = NULL WHERE photo_id = NEW.photo_id; END;

-- What people say of people by hand: a meaning of a column (born, family), and its values as a cell has them. The last
-- one counts; `step` is its place among the verdicts and renamings.
CREATE TABLE facts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    step INTEGER NOT NULL,
    person TEXT NOT NULL,
    meaning TEXT NOT NULL,
    value TEXT NOT NULL,
    seal INTEGER
);
CREATE INDEX facts_unsealed ON facts (seal) WHERE seal IS NULL;
CREATE TRIGGER facts_changed AFTER UPDATE OF id, step, person, meaning, value ON facts
BEGIN UPDATE facts SET seal = NULL WHERE id = NEW.id; END;
