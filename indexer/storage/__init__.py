"""Storage backends of galleries: their contract, a folder on this machine, and Milvus."""
