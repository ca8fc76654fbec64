"""Prompt → tokens: lower-case words and the punctuation that separates clauses."""

import re

_TOKEN = re.compile(r"\d+(?::\d+)+|\b[a-z]&[a-z]\b|\bw/o\b|[^\W_]+(?:'[^\W_]+)*|[,;:.!?()/&+|\[\]-]")
_JOINED = re.compile(r"(?<=\w)-(?=\w)")
_MINUS = re.compile(r"(?<!\S)-(?=[^\W\d])")
_CONTRACTED = {
    "don't": ("do", "not"), "dont": ("do", "not"), "doesn't": ("does", "not"), "isn't": ("is", "not"),
    "aren't": ("are", "not"), "can't": ("can", "not"), "cant": ("can", "not"), "won't": ("will", "not"),
    "i'm": ("i", "am"), "im": ("i", "am"), "i'd": ("i", "would"), "i've": ("i", "have"), "that's": ("that", "is"),
    "it's": ("it", "is"), "cannot": ("can", "not"), "didn't": ("did", "not"),
    "seperate": ("separate",), "seperating": ("separating",), "teh": ("the",), "hihats": ("hihat",),
}  # fmt: skip


def tokenise(prompt: str) -> list[str]:
    """Split a prompt into words (lower case, hyphens and possessives undone) and clause punctuation."""
    text = prompt.lower().replace("\u2019", "'").replace("`", "'")
    text = _MINUS.sub("no ", text)
    tokens: list[str] = []
    for found in _TOKEN.findall(_JOINED.sub(" ", text)):
        if found in _CONTRACTED:
            tokens.extend(_CONTRACTED[found])
        else:
            tokens.append(found.removesuffix("'s").replace("'", "") if "'" in found else found)
    return tokens
