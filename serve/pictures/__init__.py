"""Pictures to share: the card, the comparison, and the shapes and fonts they are drawn with."""
