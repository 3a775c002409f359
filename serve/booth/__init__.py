"""A booth: a camera that visitors step before, its settings, the cards for their phones, and its certificate."""
