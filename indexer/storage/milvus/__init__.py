"""A gallery in Milvus (https://milvus.io), which many machines ask; or in Milvus Lite, in a folder."""
