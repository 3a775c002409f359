-- Who embedded a photo's faces, and whose they are, is told without reading their vectors; which photos are a folder's
-- and can be used, without reading the photos.
DROP INDEX faces_photo;
CREATE INDEX faces_photo ON faces (photo_id, person_id, second, model);
DROP INDEX photos_person;
CREATE INDEX photos_person ON photos (person_id, reason);

-- People whose photos or faces have changed since labels were settled last, and folders, which bear their names; and
-- photos of which anything that may tell their date has changed since the last publication, or whose date may be judged
-- otherwise tomorrow. Both are a gallery's own, and made whole again from nothing by touching everything.
CREATE TABLE touched (person_id INTEGER PRIMARY KEY, seal INTEGER);
CREATE INDEX touched_unsealed ON touched (seal) WHERE seal IS NULL;
CREATE TABLE undated (photo_id INTEGER PRIMARY KEY, seal INTEGER);
CREATE INDEX undated_unsealed ON undated (seal) WHERE seal IS NULL;
INSERT INTO touched (person_id) SELECT id FROM people;
INSERT INTO undated (photo_id) SELECT id FROM photos;

-- Not OR IGNORE: the statement that fires a trigger overrules it.
CREATE TRIGGER people_came AFTER INSERT ON people
BEGIN
    INSERT INTO touched (person_id) SELECT NEW.id WHERE NEW.id NOT IN (SELECT person_id FROM touched);
END;
CREATE TRIGGER people_touched AFTER UPDATE OF name, album ON people
BEGIN
    INSERT INTO touched (person_id) SELECT NEW.id WHERE NEW.id NOT IN (SELECT person_id FROM touched);
    INSERT INTO undated (photo_id) SELECT id FROM photos
    WHERE person_id = NEW.id AND id NOT IN (SELECT photo_id FROM undated);
END;
CREATE TRIGGER photos_came AFTER INSERT ON photos
BEGIN
    INSERT INTO touched (person_id) SELECT NEW.person_id WHERE NEW.person_id NOT IN (SELECT person_id FROM touched);
    INSERT INTO undated (photo_id) SELECT NEW.id WHERE NEW.id NOT IN (SELECT photo_id FROM undated);
END;
CREATE TRIGGER photos_touched AFTER UPDATE OF ref, person_id, sha256, reason, added ON photos
BEGIN
    INSERT INTO touched (person_id) SELECT OLD.person_id WHERE OLD.person_id NOT IN (SELECT person_id FROM touched);
    INSERT INTO touched (person_id) SELECT NEW.person_id WHERE NEW.person_id NOT IN (SELECT person_id FROM touched);
    INSERT INTO undated (photo_id) SELECT NEW.id WHERE NEW.id NOT IN (SELECT photo_id FROM undated);
END;
CREATE TRIGGER photos_went AFTER DELETE ON photos
BEGIN
    INSERT INTO touched (person_id) SELECT OLD.person_id WHERE OLD.person_id NOT IN (SELECT person_id FROM touched);
END;
CREATE TRIGGER faces_came AFTER INSERT ON faces
BEGIN
    INSERT INTO touched (person_id) SELECT DISTINCT person_id FROM photos
    WHERE id = NEW.photo_id AND person_id NOT IN (SELECT person_id FROM touched);
    INSERT INTO touched (person_id) SELECT NEW.person_id
    WHERE NEW.person_id IS NOT NULL AND NEW.person_id NOT IN (SELECT person_id FROM touched);
END;
CREATE TRIGGER faces_touched AFTER UPDATE OF
    photo_id, person_id, x, y, width, height, quality, model, vector, second ON faces
BEGIN
    INSERT INTO touched (person_id) SELECT DISTINCT person_id FROM photos
    WHERE id IN (OLD.photo_id, NEW.photo_id) AND person_id NOT IN (SELECT person_id FROM touched);
    INSERT INTO touched (person_id) SELECT OLD.person_id
    WHERE OLD.person_id IS NOT NULL AND OLD.person_id NOT IN (SELECT person_id FROM touched);
    INSERT INTO touched (person_id) SELECT NEW.person_id
    WHERE NEW.person_id IS NOT NULL AND NEW.person_id NOT IN (SELECT person_id FROM touched);
END;
CREATE TRIGGER faces_went AFTER DELETE ON faces
BEGIN
    INSERT INTO touched (person_id) SELECT DISTINCT person_id FROM photos
    WHERE id = OLD.photo_id AND person_id NOT IN (SELECT person_id FROM touched);
    INSERT INTO touched (person_id) SELECT OLD.person_id
    WHERE OLD.person_id IS NOT NULL AND OLD.person_id NOT IN (SELECT person_id FROM touched);
END;
CREATE TRIGGER picture_dates_came AFTER INSERT ON picture_dates
BEGIN
    INSERT INTO undated (photo_id) SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM undated);
END;
CREATE TRIGGER picture_dates_touched AFTER UPDATE OF photo_id, taken, digitised, xmp ON picture_dates
BEGIN
    INSERT INTO undated (photo_id) SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM undated);
END;
CREATE TRIGGER picture_dates_went AFTER DELETE ON picture_dates
BEGIN
    INSERT INTO undated (photo_id) SELECT OLD.photo_id WHERE OLD.photo_id NOT IN (SELECT photo_id FROM undated);
END;
CREATE TRIGGER photo_columns_came AFTER INSERT ON photo_columns
BEGIN
    INSERT INTO undated (photo_id) SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM undated);
END;
CREATE TRIGGER photo_columns_touched AFTER UPDATE OF photo_id, pairs ON photo_columns
BEGIN
    INSERT INTO undated (photo_id) SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM undated);
END;
CREATE TRIGGER photo_columns_went AFTER DELETE ON photo_columns
BEGIN
    INSERT INTO undated (photo_id) SELECT OLD.photo_id WHERE OLD.photo_id NOT IN (SELECT photo_id FROM undated);
END;
