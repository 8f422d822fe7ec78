"""A site of somebody's, read page by page: how it wants to be read, what it holds, and what became of it since."""
