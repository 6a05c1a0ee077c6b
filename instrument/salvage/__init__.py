"""Looking after run files: what lies there, whether it is whole, and getting back what can be read."""
