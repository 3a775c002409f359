"""Photos: listed, read from folders, archives and stores, and decoded into upright pixels."""
