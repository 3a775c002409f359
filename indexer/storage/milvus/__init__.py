"""Storage backend in Milvus (https://milvus.io), for many machines, or in Milvus Lite, in a folder."""
