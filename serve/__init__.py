"""Everything that people and programs see: the HTTP service, its pages, reports, and pictures to share."""
