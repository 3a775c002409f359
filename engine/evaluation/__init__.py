"""Measures of how good vectors are: verification, retrieval, kinship, and strangers of the same group."""
