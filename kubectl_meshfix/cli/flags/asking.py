"""The flag ``--proxies``, for every verb that has it. What it does is in ``cli/work/asking.py``, which asking for help does not load."""

from typing import Annotated

import typer

ALL = "all"
"""What the flag means without a number."""

Proxies = Annotated[
    str,
    typer.Option(
        "--proxies",
        help="Also ask istiod and the proxies whether the configuration is in force; --proxies=50 asks 50 of them. It needs a role of "
        "its own: docs/proxies.md.",
        metavar="[=NUMBER]",
        show_default=False,
    ),
]

ProxiesOnTheWay = Annotated[
    str,
    typer.Option(
        "--proxies",
        help="Also ask the proxies on the way what they have, and say where it is not what the objects say; --proxies=1 asks the caller's "
        "alone. It needs a role of its own: docs/proxies.md.",
        metavar="[=NUMBER]",
        show_default=False,
    ),
]

ProxiesOfPods = Annotated[
    str,
    typer.Option(
        "--proxies",
        help="Also ask istiod and the proxies of these pods whether they have their configuration; --proxies=5 asks 5 of them. It needs a "
        "role of its own: docs/proxies.md.",
        metavar="[=NUMBER]",
        show_default=False,
    ),
]
