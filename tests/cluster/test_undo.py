"""Taking back what apply did to a cluster, and what happens when something comes between."""

import json
from typing import Any

import pytest

from kubectl_meshfix.errors import TargetError, UsageError
from kubectl_meshfix.targets import journal
from tests.cluster.conftest import Lab
from tests.cluster.server import Server
from tests.cluster.test_loop import open_shop, run
from tests.cluster.test_rights import open_cart

pytestmark = pytest.mark.vcr

ALL = ("--yes", "--restart", "--unsafe")


def objects(lab: Lab) -> dict[str, Any]:
    """What every object of the run's entries is, without what the server writes by itself."""
    from kubectl_meshfix.cli.flags.connecting import connected  # noqa: PLC0415
    from kubectl_meshfix.cli.flags.options import ConnectionFlags  # noqa: PLC0415
    from kubectl_meshfix.targets.cluster import read_object  # noqa: PLC0415

    api = connected(ConnectionFlags(kubeconfig=lab.kubeconfig()))
    entries = [entry for entry in journal.runs() if not isinstance(entry, journal.Unreadable)]
    refs = {row.resource for entry in entries for row in entry.objects}
    return {str(ref): cleaned(read_object(ref, api)) for ref in sorted(refs)}


def cleaned(document: dict[str, Any]) -> dict[str, Any]:
    """An object without status and bookkeeping."""
    owned = ("resourceVersion", "generation", "managedFields", "creationTimestamp", "uid")
    metadata = {key: value for key, value in document["metadata"].items() if key not in owned}
    return {**{key: value for key, value in document.items() if key != "status"}, "metadata": metadata}


def states() -> list[str]:
    """How each run of the journal stands."""
    return [row["state"] for row in json.loads(listed())["runs"]]


def listed() -> str:
    """The list of runs, as JSON."""
    from typer.testing import CliRunner  # noqa: PLC0415

    from kubectl_meshfix.cli.main import app  # noqa: PLC0415

    return CliRunner().invoke(app, ["undo", "--list", "-o", "json"], catch_exceptions=False).stdout


def first_states(shown: Any) -> dict[str, Any]:
    """Objects by name, as a dry run read them."""
    return {str(item.change.resource): cleaned(item.before) for item in shown}


def test_every_object_gets_its_first_state_back(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """All fixes of the shop, taken back: every object equals what it was before, and the run counts as undone."""
    from kubectl_meshfix.targets import journaled_apply as target  # noqa: PLC0415

    lab.prepare(open_shop)
    first: dict[str, Any] = {}
    begin = target.start_run
    monkeypatch.setattr(target, "start_run", lambda previews, where: first.update(first_states(previews)) or begin(previews, where))
    code, _, said = run(lab, "apply", "-A", "--scope", "all", *ALL)
    assert code == 0, said
    changed = objects(lab)
    assert len(changed) > 10
    assert all(changed[name] != first[name] for name in changed)

    code, shown, said = run(lab, "undo", "--yes")

    assert code == 0, said
    assert shown.count("taken back") == len(changed)
    assert objects(lab) == first
    assert states() == ["undone"]


def test_undo_is_shown_and_tried_before_it_is_made(lab: Lab) -> None:
    """Both dry runs show the way back, and change nothing."""
    lab.prepare(open_cart)
    run(lab, "apply", "-A", "--scope", "all", *ALL)
    changed = objects(lab)

    for dry_run in ("--dry-run", "--dry-run=server"):
        code, shown, said = run(lab, "undo", dry_run)
        assert code == 1
        assert "--- a/shop/Service/cart.yaml" in shown
        assert "nothing was changed" in said

    assert objects(lab) == changed
    assert states() == ["applied"]


def rename_port(server: Server) -> None:
    """Somebody else gives the cart's port another name."""
    server.kubectl(
        "patch",
        "service",
        "cart",
        "-n",
        "shop",
        "--type=json",
        "-p",
        '[{"op": "replace", "path": "/spec/ports/0/name", "value": "grpc-x"}]',
    )


def test_what_others_changed_since_is_refused(lab: Lab) -> None:
    """The object whose field somebody changed stays as it is and is shown; the others go back; force takes it too."""
    lab.prepare(open_cart)
    run(lab, "apply", "-A", "--scope", "all", "--port-fix", "rename", *ALL)
    lab.prepare(rename_port)

    code, shown, said = run(lab, "undo", "--yes")

    assert code == 2
    assert 'refused Service shop/cart: /spec/ports/0/name was changed to "grpc-x" since' in said
    if lab.server:
        assert "by kubectl-patch" in said
    assert "service/cart" not in shown
    assert "taken back" in shown
    assert states() == ["partly undone"]

    code, shown, said = run(lab, "undo", "--yes", "--force-fields")

    assert code == 0, said
    assert "service/cart in shop taken back" in shown
    assert states() == ["undone"]


def replace_cart(server: Server) -> None:
    """Somebody else deletes the cart's Service and makes it anew."""
    server.kubectl("delete", "service", "cart", "-n", "shop")
    open_cart(server)


def test_an_object_made_anew_is_left_alone(lab: Lab) -> None:
    """What has another uid is not the object that was changed, whatever its name."""
    lab.prepare(open_cart)
    run(lab, "apply", "-n", "shop", "--scope", "all", *ALL, "svc/cart")
    lab.prepare(replace_cart)

    code, shown, said = run(lab, "undo", "--yes")

    assert (code, shown) == (0, "")
    assert "deleted and created again since" in said
    with pytest.raises(UsageError, match="no run of apply to take back"):
        run(lab, "undo", "--yes")


def annotate(server: Server) -> None:
    """Somebody else writes an annotation."""
    server.kubectl("annotate", "service", "cart", "-n", "shop", "--overwrite", "note=mine")


def test_another_writer_between_diff_and_patch(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change is made anew on what the other one left, shown again, and nothing of theirs is lost."""
    from kubectl_meshfix.targets import journaled_apply as target  # noqa: PLC0415

    lab.prepare(open_cart)
    begin = target.start_run

    def begin_late(previews: Any, where: Any) -> Any:
        lab.prepare(annotate)
        return begin(previews, where)

    monkeypatch.setattr(target, "start_run", begin_late)
    code, shown, said = run(lab, "apply", "-n", "shop", "--scope", "all", *ALL, "svc/cart")

    assert code == 0, said
    assert "service/cart in shop changed meanwhile" in said
    assert "service/cart in shop fixed" in shown
    after = objects(lab)["Service shop/cart"]
    assert after["metadata"]["annotations"]["note"] == "mine"
    assert run(lab, "undo", "--yes")[0] == 0
    assert objects(lab)["Service shop/cart"]["metadata"]["annotations"]["note"] == "mine"


def test_another_writer_of_the_same_field_stops_apply(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where what a fix relies on is not there any more, nothing is forced."""
    from kubectl_meshfix.targets import journaled_apply as target  # noqa: PLC0415

    lab.prepare(open_cart)
    begin = target.start_run

    def begin_late(previews: Any, where: Any) -> Any:
        lab.prepare(rename_port)
        return begin(previews, where)

    monkeypatch.setattr(target, "start_run", begin_late)
    with pytest.raises(TargetError, match="Service shop/cart was not changed") as error:
        run(lab, "apply", "-n", "shop", "--scope", "all", *ALL, "svc/cart")

    assert "Nothing was changed" in error.value.hint
    assert objects(lab)["Service shop/cart"]["spec"]["ports"][0]["name"] == "grpc-x"
    assert states() == ["refused"]
