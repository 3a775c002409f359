"""Pictures to share: the card and the comparison, and the letters and shapes they are drawn with."""
