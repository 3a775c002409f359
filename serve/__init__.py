"""What people and programs see: HTTP, page, report."""
