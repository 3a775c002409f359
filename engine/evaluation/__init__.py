"""How good the vectors are: verification, retrieval, kinship, and strangers of one group."""
