"""The colours of what commands print, on the site: those that a terminal shows."""

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups
from pygments.token import Comment, Generic, Keyword, Name, Text


class OutputLexer(RegexLexer):
    """Commands after ``$``, marks of reports and chains, codes of rules, and the lines of diffs."""

    name = "Output of kubectl meshfix"
    aliases: ClassVar[list[str]] = ["console"]
    tokens: ClassVar[dict[str, list[object]]] = {
        "root": [
            (r"^\$ .*(?:\\\n.*)*\n", Generic.Prompt),
            (r"^\+.*\n", Generic.Inserted),
            (r"^-(?!-?\s*$).*\n", Generic.Deleted),
            (r"^@@.*\n", Generic.Subheading),
            (r"^#.*\n", Comment),
            (r"^( *)(✗)( MF\d+)?", bygroups(Text, Generic.Error, Generic.Strong)),
            (r"^( *)(!)( MF\d+)?", bygroups(Text, Name.Exception, Generic.Strong)),
            (r"^( *)(i)( MF\d+)", bygroups(Text, Comment, Generic.Strong)),
            (r"^( *)(✓)", bygroups(Text, Generic.Inserted)),
            (r"^( *)(·)", bygroups(Text, Comment)),
            (r"^( *)(→ (?:\w+ )?fix(?: \([^)\n]*\))?:)(.*\n)", bygroups(Text, Name.Exception, Generic.Inserted)),
            (r"^( *)(→)", bygroups(Text, Keyword)),
            (r"^( *risk: )(.*\n)", bygroups(Comment, Comment)),
            (r"^Next: .*\n", Generic.Strong),
            (r".*\n", Text),
            (r".", Text),
        ]
    }
