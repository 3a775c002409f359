"""Tables of photos as people have them: CSV in the dialects of spreadsheets, and spreadsheets themselves."""
