"""Words that the tool does not use, with better ones: metaphors, riddles and sayings that have to be read twice.

One list for everything that people read: errors, help, messages of rules, pages.
"""

import re
from collections.abc import Mapping

BANNED: Mapping[str, str] = {
    "anew": "again",
    "as it stands": "as it is",
    "blindly": "without a check",
    "by its lights": "by its rules",
    "do not go together": "cannot be used together",
    "does not go with": "does not fit",
    "gives itself away": "shows that",
    "go past": "bypass",
    "goes by": "uses",
    "goes past": "bypasses",
    "go by": "use",
    "has its say": "decides",
    "has the last word": "decides",
    "hear": "read",
    "heard": "read",
    "hears": "reads",
    "hold out": "leave out",
    "holds out": "leaves out",
    "in somebody else's hands": "managed by another tool",
    "is called so": "has this name",
    "is not asked for": "is not requested",
    "keep company": "are together with",
    "keeps company": "is together with",
    "keeps no": "does not prevent",
    "laid over": "applied to",
    "lay over": "apply to",
    "lays over": "applies to",
    "lead nowhere": "do not exist",
    "leads nowhere": "does not exist",
    "leave the word to": "follow",
    "leaves open": "does not say",
    "leaves the word to": "follows",
    "left open": "not said",
    "lets it shrink": "updates it",
    "listens to": "reads, uses",
    "lives in": "is in",
    "looked at with": "checked with",
    "made out to": "valid for",
    "mend": "correct",
    "nobody's business": "not checked",
    "pass for": "count as",
    "pass over": "ignore",
    "passed over": "ignored",
    "passes for": "counts as",
    "passes over": "ignores",
    "puts right": "corrects",
    "put right": "correct",
    "sent past": "sent around, bypassing",
    "speak of": "name",
    "speaks for": "supports",
    "speaks of": "names",
    "stand in for": "replace",
    "stands in for": "replaces",
    "stranger": "unknown",
    "strangers": "unknown",
    "taken for": "read as",
    "the truth": "the source",
    "turns a deaf ear": "ignores",
    "what becomes of": "what happens to",
    "what becomes": "what happens",
    "win": "take precedence",
    "wins": "takes precedence",
    "without a word": "without a warning",
    "won": "took precedence",
}
"""What is not said, and what is said instead. In lower case; found as whole words, over line ends too."""

_PHRASES = (r"\s+".join(map(re.escape, words.split())) for words in sorted(BANNED, key=len, reverse=True))
_BANNED = re.compile(rf"(?<![\w/.-])(?:{'|'.join(_PHRASES)})(?![\w/-])", re.IGNORECASE)


def check(text: str) -> list[str]:
    """What is wrong with the words of a text: a sentence for each banned one. Code between backquotes is not read."""
    prose = re.sub(r"```.*?```|`[^`]*`", " ", text, flags=re.DOTALL)
    found = {" ".join(match[0].split()).lower() for match in _BANNED.finditer(prose)}
    return [f'"{words}" is not said; better: {BANNED[words]}' for words in sorted(found)]
