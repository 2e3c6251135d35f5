"""Baselines: what is held out, what is new, what is gone, and a file that nothing else is lost in."""

import json
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.errors import MeshfixError
from kubectl_meshfix.fingerprints import Fingerprint, fingerprint
from kubectl_meshfix.governance import baseline
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.resources.meta import Ref
from tests.governance.findings import looked, rows, service

TWO = (("fax", 80), ("till", 81))


def new(now: tuple[Diagnosis, ...], before: tuple[Diagnosis, ...]) -> list[str]:
    """The places of findings that a baseline of earlier ones does not know."""
    return [row.path for row in baseline.without_known(now, baseline.baseline_of(before, str), str)[0] if row.suppressed is None]


def test_what_was_there_is_held_out() -> None:
    """A baseline holds out each finding it was made of, and says that it is the baseline who does."""
    found = rows(service("cart", *TWO))
    held, left = baseline.without_known(found, baseline.baseline_of(found, str), str)

    assert {row.suppressed.by for row in held if row.suppressed} == {"baseline"}
    assert not any(row.suppressed is None for row in held)
    assert not left


def test_lists_may_grow_in_front() -> None:
    """A port put before the others is the only new one, although all others have another index now."""
    assert new(rows(service("cart", ("pager", 79), *TWO)), rows(service("cart", *TWO))) == ["/spec/ports/0/name"]


def test_lines_may_move() -> None:
    """Objects may be moved about, in one file or among files."""
    assert new(rows(service("till"), service("cart", *TWO)), rows(service("cart", *TWO), service("till"))) == []


def test_one_mended_and_one_broken_is_one_new() -> None:
    """A finding that is gone makes no room for another of the same rule in the same object."""
    assert new(rows(service("cart", ("http", 80), *TWO[1:], ("pager", 82))), rows(service("cart", *TWO))) == ["/spec/ports/2/name"]


def test_findings_that_cannot_be_told_apart_are_counted() -> None:
    """Of two ports with one number, as for TCP and UDP, a third is new."""
    same = (("fax", 80), ("pager", 80))
    before = rows(service("cart", *same))

    assert list(baseline.baseline_of(before, str).values()) == [2]
    assert new(rows(service("cart", *same, ("till", 80))), before) == ["/spec/ports/2/name"]


def test_what_is_gone_is_counted_where_it_would_have_been_met() -> None:
    """What a whole run does not find any more is gone; a run that looked at a part says nothing of the rest."""
    known = baseline.baseline_of(rows(service("cart", *TWO), service("till", namespace="other")), str)
    _, left = baseline.without_known(rows(service("cart", ("http", 80))), known, str)

    assert baseline.gone(left, looked()) == 3
    assert baseline.gone(left, looked(namespace="other")) == 1
    assert baseline.gone(left, looked(is_partial=True)) == 0
    assert baseline.gone(left, looked(without="MF101")) == 0


def test_what_is_accepted_otherwise_is_not_in_it() -> None:
    """A finding that an annotation silences is no debt, and not gone either while it is there."""
    silent = rows(service(annotations='{"meshfix.io/ignore": "MF101: a fax"}'))

    assert not baseline.baseline_of(silent, str)
    assert not baseline.without_known(silent, baseline.baseline_of(rows(service()), str), str)[1]


def test_a_finding_a_line_and_the_same_bytes(tmp_path: Path) -> None:
    """The file is sorted, has a line a finding, names no line and no context, and is the same however the findings came."""
    file = tmp_path / "baseline.json"
    found = rows(service("cart", *TWO), service("till"))
    baseline.save(str(file), baseline.baseline_of(found, str))
    written = file.read_bytes()
    baseline.save(str(file), baseline.baseline_of(found[::-1], str))

    assert file.read_bytes() == written
    assert json.loads(written)["findings"][0] == {
        "namespace": "shop",
        "kind": "Service",
        "name": "cart",
        "code": "MF101",
        "path": "/spec/ports/80/name",
    }
    assert len(written.splitlines()) == 4 + 3 + 2
    assert file.stat().st_mode & 0o777 == 0o644


def test_writing_says_what_came_and_went(tmp_path: Path) -> None:
    """Whoever writes a baseline anew hears how much debt that adds and how much is paid."""
    file = str(tmp_path / "baseline.json")

    assert baseline.save(file, baseline.baseline_of(rows(service("cart", *TWO)), str)) == (2, 0)
    assert baseline.save(file, baseline.baseline_of(rows(service("cart", *TWO[:1]), service("till")), str)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"schemaVersion": 2, "tool": "kubectl-meshfix", "entries": []}', "is a baseline of version 2, and this meshfix reads version 1"),
        ('{"schemaVersion": 1, "tool": "kubectl-meshfix"}', "is not a baseline of meshfix"),
        ('{"schemaVersion": 1, "tool": "eslint", "findings": []}', "is not a baseline of meshfix"),
        ('{"schemaVersion": 1, "tool": "kubectl-meshfix", "findings": [{"code": 3}]}', "is not a baseline of meshfix"),
        ('{"schemaVersion": 1, "tool": "kubectl-meshfix", "findings": [{"cod": "MF101"}]}', "is not a baseline of meshfix"),
        ("<<<<<<< HEAD\n{}\n", "is not a baseline of meshfix"),
        ("apiVersion: v1\nkind: Service\n", "is not a baseline of meshfix"),
        ("", "is not a baseline of meshfix"),
    ],
)
def test_what_is_no_baseline_is_neither_read_nor_written_over(tmp_path: Path, text: str, sentence: str) -> None:
    """A manifest, a merge conflict, another program's file or another version's is refused with one sentence and left as it is."""
    file = tmp_path / "file.json"
    file.write_text(text)

    with pytest.raises(MeshfixError, match=sentence):
        baseline.read_baseline(str(file))
    with pytest.raises(MeshfixError, match=sentence):
        baseline.save(str(file), {})
    assert file.read_text() == text


def test_what_cannot_be_written(tmp_path: Path) -> None:
    """A folder, a missing folder and a pipe are each one sentence, and nothing is left beside them."""
    os.mkfifo(tmp_path / "pipe")
    for name in (".", "none/baseline.json", "pipe"):
        with pytest.raises(MeshfixError) as caught:
            baseline.save(str(tmp_path / name), {})
        assert caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """A baseline behind a link is written where the link leads."""
    (tmp_path / "link").symlink_to(tmp_path / "baseline.json")
    baseline.save(str(tmp_path / "baseline.json"), {})
    baseline.save(str(tmp_path / "link"), baseline.baseline_of(rows(service()), str))

    assert (tmp_path / "link").is_symlink()
    assert len(baseline.read_baseline(str(tmp_path / "baseline.json"))) == 1


names = st.text(min_size=1, max_size=8)
fingerprints = st.builds(Fingerprint, namespace=names, kind=names, name=names, code=names, path=names, group=names)


@given(st.dictionaries(fingerprints, st.integers(min_value=1, max_value=9)))
def test_what_is_written_is_what_is_read(known: dict[Fingerprint, int]) -> None:
    """Whatever objects are called, a baseline comes back as it was."""
    import tempfile  # noqa: PLC0415 -- hypothesis runs a test many times in one tmp_path

    with tempfile.TemporaryDirectory() as folder:
        baseline.save(f"{folder}/b.json", known)
        assert dict(baseline.read_baseline(f"{folder}/b.json")) == known


def test_the_api_version_does_not_count() -> None:
    """An object that is written at another version of its API has the findings it had; one of another group is another object."""
    (row,) = rows(service())
    first, second, other = (
        fingerprint(msgspec.structs.replace(row, resource=Ref(api, "Gateway", "shop", "gate")))
        for api in ("networking.istio.io/v1", "networking.istio.io/v1beta1", "gateway.networking.k8s.io/v1")
    )

    assert first == second != other


def test_a_file_is_named_from_the_checkout() -> None:
    """A finding about a file is the same one wherever in the checkout the command is run."""
    (row,) = rows(service())
    of_file = msgspec.structs.replace(row, resource=Ref("", "File", None, "../deploy/cart.yaml"))

    assert fingerprint(of_file, lambda name: name.removeprefix("../")).name == "deploy/cart.yaml"
