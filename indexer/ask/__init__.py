"""Questions to a gallery: look-alikes, comparisons, neighbours, families, suspects. Nothing here writes to it."""
