-- When in a video a face was seen, in seconds: the faces of one photo, or of one moment of a video, are different people.
ALTER TABLE faces ADD COLUMN second REAL;
