"""Lives: when photos were taken, when people were born, and to which families they belong."""
