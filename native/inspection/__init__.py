"""What stands in a shared library, by the systems' three formats: the exports, what is needed, and what is wrong."""
