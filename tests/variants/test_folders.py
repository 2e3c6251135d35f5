"""Nothing that is found in a folder with kustomizations, or written there, changes unseen."""

import pytest

from tests.sources.kustomize.shop import needs_kubectl
from tests.variants import folders


@needs_kubectl
@pytest.mark.parametrize("number", range(folders.NUMBER))
def test_what_is_written_into_changed_folders_has_been_read(number: int) -> None:
    """Findings, their lines and edits are those of folders.txt. If they are to be others: make docs, and read the diff."""
    assert folders.said(number) in f"{folders.FILE.read_text(encoding='utf-8')}\n"
