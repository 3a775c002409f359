"""Shortlists as files: a sheet of portraits as PDF or PNG, and tables as CSV or JSON."""
