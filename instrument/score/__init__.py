"""The score: a recorded run on one page, for a programme note. The only room that knows matplotlib."""
