"""Galleries: storage, catalogue, generations, updates, and the questions that they answer."""
