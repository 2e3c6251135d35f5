"""What the frozen program does before anything else."""

import pytest

from krew.entry import restore


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"LD_LIBRARY_PATH": "/ours"}, {}),
        ({"LD_LIBRARY_PATH": "/ours:/theirs", "LD_LIBRARY_PATH_ORIG": "/theirs"}, {"LD_LIBRARY_PATH": "/theirs"}),
        ({"LD_LIBRARY_PATH": "/ours:", "LD_LIBRARY_PATH_ORIG": ""}, {"LD_LIBRARY_PATH": ""}),
        ({"_PYI_ARCHIVE_FILE": "/ours", "_PYI_PARENT_PROCESS_LEVEL": "1", "HOME": "/root"}, {"HOME": "/root"}),
    ],
)
def test_the_environment_is_the_callers_again(given: dict[str, str], wanted: dict[str, str]) -> None:
    """A credential plugin must not load our libraries, nor take our folder for its own."""
    restore(given)

    assert given == wanted
