"""Where galleries are kept: the contract of a storage backend, a folder, and Milvus."""
