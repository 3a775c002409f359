"""Faces: detected, aligned, judged, and taken out of photos and videos."""
