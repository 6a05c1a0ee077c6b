"""Exports: a recorded run for other programs. The only room that knows pyarrow, mido and tensorboardX."""
