"""What tests of all wings share."""
