"""Who looks like whom: a look-alike search engine for folders of labelled face photos."""
