"""The voices: one file each, with what can be turned on it and how it sounds."""
