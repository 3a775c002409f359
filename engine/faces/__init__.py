"""Faces in photos and videos: detected, aligned and checked for quality."""
