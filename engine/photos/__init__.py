"""Photos: listed, read from wherever they lie, and decoded into upright pixels."""
