"""The doors: one command each, thin."""
