"""Names that people have given to faces in photo programs: read from photos and the files beside them, and written."""
