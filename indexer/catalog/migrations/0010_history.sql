-- How many photos show each person, before and after each change of it: what is told of who came and went. `by_hand`
-- says that a name was given or taken by hand. Groups that nobody has named are nobody here.
CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    person TEXT NOT NULL,
    before INTEGER NOT NULL, after INTEGER NOT NULL,
    by_hand INTEGER NOT NULL,
    seal INTEGER
);
CREATE INDEX history_person ON history (person);
CREATE INDEX history_unsealed ON history (seal) WHERE seal IS NULL;
CREATE TRIGGER history_changed AFTER UPDATE OF id, at, person, before, after, by_hand ON history
BEGIN UPDATE history SET seal = NULL WHERE id = NEW.id; END;

-- People's photos are counted without reading their vectors.
DROP INDEX faces_person;
CREATE INDEX faces_person ON faces (person_id, photo_id);

-- Whoever is in the gallery already did not come today.
INSERT INTO history (person, before, after, by_hand)
SELECT n.name, count(DISTINCT f.photo_id), count(DISTINCT f.photo_id), 0
FROM faces f JOIN people n ON n.id = f.person_id WHERE n.name NOT GLOB 'unnamed [1-9]*' GROUP BY n.id;
INSERT INTO events (what, detail) SELECT 'history begun', '{}' WHERE EXISTS (SELECT 1 FROM history);
