"""Words on paper: broken into lines, and the name of a lane."""


def wrapped(words: str, letters: int) -> list[str]:
    """A sentence in lines of at most so many letters."""
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
