"""Which objects of files are judged together."""

from pathlib import Path

import pytest

from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.report import Report
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.files import read_manifests
from kubectl_meshfix.sources.folder_tree import Standing
from kubectl_meshfix.sources.surroundings import Unit, units


def standing(file: str, name: str, *, is_unplaced: bool = False) -> Standing:
    """A Service of a file."""
    return Standing(file, ("", "Service", "shop", name), (kinds.SERVICE, "shop"), is_unplaced)


def together(*rows: Standing) -> set[frozenset[str]]:
    """The units, each as the places of its objects."""
    return {frozenset(f"{rows[index].file}:{rows[index].name[3]}" for index in unit.members) for unit in units(rows)}


def test_what_stands_once_is_one_unit() -> None:
    """Folders keep nothing apart where no object stands twice."""
    rows = [standing("a.yaml", "a"), standing("dev/b.yaml", "b"), standing("prod/c.yaml", "c")]

    assert units(rows) == (Unit((0, 1, 2)),)


def test_each_copy_has_its_own_folder_and_those_above() -> None:
    """What lies beside a copy of what a folder has does not belong to it; what lies above belongs to all."""
    rows = [
        standing("ns.yaml", "shared"),
        standing("dev/cart.yaml", "cart"),
        standing("dev/route.yaml", "devs"),
        standing("prod/cart.yaml", "cart"),
        standing("prod/route.yaml", "prods"),
    ]

    assert together(*rows) == {
        frozenset({"ns.yaml:shared", "dev/cart.yaml:cart", "dev/route.yaml:devs"}),
        frozenset({"ns.yaml:shared", "prod/cart.yaml:cart", "prod/route.yaml:prods"}),
    }


def test_a_folder_beside_copies_belongs_to_each_of_them() -> None:
    """A base that no copy of stands in another folder is read with every overlay."""
    rows = [standing("base/pay.yaml", "pay"), standing("dev/cart.yaml", "cart"), standing("prod/cart.yaml", "cart")]

    assert together(*rows) == {
        frozenset({"base/pay.yaml:pay", "dev/cart.yaml:cart"}),
        frozenset({"base/pay.yaml:pay", "prod/cart.yaml:cart"}),
    }


def test_copies_in_two_files_are_apart_too() -> None:
    """Nobody knows in which order two files of a folder are applied, so each is judged without the other."""
    assert together(standing("one.yaml", "cart"), standing("two.yaml", "cart")) == {
        frozenset({"one.yaml:cart"}),
        frozenset({"two.yaml:cart"}),
    }


def test_what_stands_beside_a_copy_in_another_file_is_not_absent() -> None:
    """A step of a tutorial may build on what another brings, and copies alone are no more than what is here."""
    step, whole = standing("step.yaml", "cart"), (standing("whole.yaml", "cart"), standing("whole.yaml", "pay"))

    assert {unit.place: set(unit.left_out) for unit in units([step, *whole])} == {
        "step.yaml": {(kinds.SERVICE, "shop")},
        "whole.yaml": set(),
    }
    assert [unit.left_out for unit in units([step, whole[0]])] == [frozenset(), frozenset()]


def test_what_another_environment_has_is_absent() -> None:
    """A folder with a copy is applied elsewhere."""
    rows = [standing("dev/cart.yaml", "cart"), standing("dev/pay.yaml", "pay"), standing("prod/cart.yaml", "cart")]

    assert [unit.left_out for unit in units(rows)] == [frozenset(), frozenset()]


def test_of_copies_in_one_file_the_last_counts() -> None:
    """All else is judged beside the last one, which is what is left when the file is applied; an earlier one is looked at in its place."""
    rows = [standing("a.yaml", "cart"), standing("a.yaml", "pay"), standing("a.yaml", "cart"), standing("a.yaml", "cart")]

    assert [(unit.members, set(unit.own)) for unit in units(rows)] == [((1, 3), set()), ((0, 1), {0}), ((1, 2), {2})]


def test_environments_of_one_name_share_a_unit() -> None:
    """The dev of one application is beside the dev of another, and never beside its prod."""
    rows = [standing(f"apps/{app}/{env}/x.yaml", app) for app in ("cart", "pay") for env in ("dev", "prod")]

    assert together(*rows) == {
        frozenset({"apps/cart/dev/x.yaml:cart", "apps/pay/dev/x.yaml:pay"}),
        frozenset({"apps/cart/prod/x.yaml:cart", "apps/pay/prod/x.yaml:pay"}),
    }


def test_samples_of_different_folders_never_meet() -> None:
    """Folders side by side whose objects name no namespace are apart; a file above belongs to both, and two files of one folder meet."""
    rows = [
        standing("root.yaml", "root", is_unplaced=True),
        standing("a/one.yaml", "a1", is_unplaced=True),
        standing("a/two.yaml", "a2", is_unplaced=True),
        standing("b/one.yaml", "b", is_unplaced=True),
    ]

    assert together(*rows) == {
        frozenset({"root.yaml:root", "a/one.yaml:a1", "a/two.yaml:a2"}),
        frozenset({"root.yaml:root", "b/one.yaml:b"}),
    }


def test_a_unit_knows_what_else_may_belong_to_it() -> None:
    """Of two pairs of copies nobody can say which go together, so each knows that the others are there; of its own copy it does not."""
    rows = [standing(f"{name}{number}.yaml", name) for name in ("cart", "pay") for number in (1, 2)]

    assert [unit.left_out for unit in units(rows)] == [frozenset({(kinds.SERVICE, "shop")})] * 4
    assert [unit.left_out for unit in units(rows[:2])] == [frozenset(), frozenset()]


@pytest.mark.parametrize("number", [300, 600])
def test_many_copies_beside_much_stay_linear(number: int) -> None:
    """Pairs of files in one large folder do not take all of it along: each object is in few units."""
    rows = [standing(f"u{index}.yaml", f"u{index}") for index in range(number)]
    rows += [standing(f"{copy}{index}.yaml", f"p{index}") for index in range(number) for copy in "ab"]

    made = units(rows)

    assert {index for unit in made for index in unit.members} == set(range(len(rows)))
    assert sum(len(unit.members) for unit in made) <= 4 * len(rows)


def copies(number: int, beside: int) -> list[Standing]:
    """One object in many files, and others of the folder."""
    rows = [standing(f"u{index}.yaml", f"u{index}") for index in range(beside)]
    return rows + [standing(f"c{index:03}.yaml", "cart") for index in range(number)]


@pytest.mark.parametrize(
    ("number", "beside", "near", "units_of_all"),
    [
        (24, 24, 24, 0),  # 24 * 24 == 12 * 48
        (25, 24, 24, 1),  # 25 * 24 > 12 * 49
        (16, 50, 50, 1),  # 16 * 50 > 12 * 66
        (16, 51, 0, 1),  # 16 * 51 > 12 * 67
        (10, 60, 60, 0),  # 10 * 60 < 12 * 70
    ],
)
def test_beside_many_copies_stands_what_is_near_and_not_too_much(number: int, beside: int, near: int, units_of_all: int) -> None:
    """Objects are looked at twelve times at most, or those of folders above in which there are few; the others make a unit of their own,
    which knows that the copies are there.
    """
    made = units(copies(number, beside))
    of_copies, others = made[:number], made[number:]

    assert [unit.members for unit in of_copies] == [(*range(near), beside + index) for index in range(number)]
    assert [unit.left_out for unit in of_copies] == [frozenset() if near else frozenset({(kinds.SERVICE, "shop")})] * number
    assert others == (Unit(tuple(range(beside)), frozenset({(kinds.SERVICE, "shop")})),) * units_of_all


@pytest.mark.parametrize(
    ("number", "beside", "is_alone"),
    [
        (16, 59, False),  # 15 units of 60 == 12 * 75
        (17, 59, True),  # 16 units of 60 > 12 * 76
        (17, 49, False),  # 16 units of 50 > 12 * 66, and 50 are few
        (17, 50, True),  # 16 units of 51 > 12 * 67
    ],
)
def test_an_earlier_object_stands_beside_what_is_not_too_much(number: int, beside: int, is_alone: bool) -> None:
    """As for copies in several files; one that stands alone knows what else there is."""
    rows = [standing("a.yaml", "cart") for _ in range(number)] + [standing("a.yaml", f"u{index}") for index in range(beside)]
    last, *earlier = units(rows)
    others = tuple(range(number, number + beside))

    assert last.members == (number - 1, *others)
    assert [unit.members for unit in earlier] == [(index, *(() if is_alone else others)) for index in range(number - 1)]
    assert [unit.own for unit in earlier] == [frozenset({index}) for index in range(number - 1)]
    assert {unit.left_out for unit in earlier} == {frozenset({(kinds.SERVICE, "shop")}) if is_alone else frozenset()}


SERVICE = """apiVersion: v1
kind: Service
metadata: {{name: cart, namespace: shop}}
spec:
  selector: {{app: cart}}
  ports:
  - {{name: {port}, port: {number}}}
"""
ROUTE = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http:
  - route:
    - destination: {host: cart, port: {number: 80}}
"""


def report(folder: Path, **texts: str) -> Report:
    """What all rules find in files; ``__`` stands for a slash."""
    for name, text in texts.items():
        file = folder / f"{name.replace('__', '/')}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return diagnose(read_manifests([str(folder)], recursive=True)[0], RULES)


def found(made: Report, folder: Path) -> list[tuple[str, str]]:
    """Codes and the files they are in."""
    return [(row.code, str(Path(row.location.file).relative_to(folder))) for row in made.findings if row.location]


def test_every_copy_is_checked_and_counted(tmp_path: Path) -> None:
    """The order of files and folders decides nothing: an error in the first copy is found, in its file."""
    made = report(tmp_path, one=SERVICE.format(port="udp-x", number=80), two=SERVICE.format(port="http", number=80))

    assert found(made, tmp_path) == [("MF102", "one.yaml")]
    assert made.read == {"Service": 2}


def test_a_shared_object_is_wrong_where_it_is_wrong_beside_every_copy(tmp_path: Path) -> None:
    """A route above both environments names a port: an error where neither Service has it, silence where one has."""
    services = {"dev__cart": SERVICE.format(port="http", number=8080), "prod__cart": SERVICE.format(port="http", number=80)}

    assert found(report(tmp_path / "one", route=ROUTE, **services), tmp_path / "one") == []

    services["prod__cart"] = services["dev__cart"]
    both = report(tmp_path / "both", route=ROUTE, **services)

    assert found(both, tmp_path / "both") == [("MF401", "route.yaml")]


def test_equal_namespaces_keep_nothing_apart(tmp_path: Path) -> None:
    """Each component brings its namespace along, and all of them are one mesh; a slip in its label is found in every file."""
    space = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enable}}\n"
    route = ROUTE.replace("name: cart", "name: way").replace("hosts: [cart]", "hosts: [way]")
    files = {"cart__ns": space, "cart__cart": SERVICE.format(port="http", number=80), "way__ns": space, "way__way": route}
    files["way__other"] = SERVICE.format(port="http", number=80).replace("name: cart", "name: way")

    made = report(tmp_path / "equal", **files)

    assert found(made, tmp_path / "equal") == [("MF303", "cart/ns.yaml"), ("MF303", "way/ns.yaml")]
    assert made.read == {"Namespace": 2, "Service": 2, "VirtualService": 1}


RULES_OF_ONE_NAME = """apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: cart, namespace: shop}}
spec: {{host: cart, subsets: [{{name: {subset}}}]}}
---
"""


def test_a_later_document_replaces_an_earlier_one(tmp_path: Path) -> None:
    """A subset that only the first of two rules of one name in one file defines is gone once the file is applied. Both are told of."""
    route = ROUTE.replace("port: {number: 80}", "subset: v1")
    rules = RULES_OF_ONE_NAME.format(subset="v1") + RULES_OF_ONE_NAME.format(subset="v2")

    made = report(tmp_path, a=f"{rules}{SERVICE.format(port='http', number=80)}---\n{route}")

    assert found(made, tmp_path) == [("MF001", "a.yaml"), ("MF402", "a.yaml")]
    assert made.findings[0].message == "The later definition in line 6 of this file replaces it. What only this one says is lost."
    assert made.findings[0].severity == "warning"
    assert made.findings[0].evidence == ("spec.subsets is lost",)


def test_samples_do_not_disagree_with_each_other(tmp_path: Path) -> None:
    """Two Services of two samples share labels and a port with different protocols; nobody runs both in one namespace."""
    one = SERVICE.replace(", namespace: shop", "")
    pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: cart, labels: {app: cart}}\nspec: {containers: [{name: a, image: a:1}]}\n"
    first, second = one.format(port="http", number=80) + pod, one.format(port="tcp", number=80).replace("name: cart", "name: other") + pod

    assert "MF103" not in {row.code for row in report(tmp_path / "apart", a__x=first, b__x=second).findings}
    beside = second.replace("name: cart, labels", "name: other, labels")
    assert "MF103" in {row.code for row in report(tmp_path / "together", a__x=first, a__y=beside).findings}


def test_what_a_copy_has_whole_is_not_left_out() -> None:
    """Of many common objects, a copy knows those of a large folder above to be elsewhere, and not those beside it."""

    def of(namespace: str, file: str, name: str) -> Standing:
        return Standing(file, ("", "Service", namespace, name), (kinds.SERVICE, namespace), is_unplaced=False)

    common = [of("shop", "all.yaml", f"s{index}") for index in range(60)] + [of("web", "team/all.yaml", "w")]
    copies = [of("pay", f"team/{copy}{index}.yaml", f"p{index}") for index in range(30) for copy in "ab"]

    of_copies = [unit for unit in units(common + copies) if max(unit.members) > 60]

    assert len(of_copies) == 60
    assert {(kinds.SERVICE, "shop") in unit.left_out for unit in of_copies} == {True}
    assert {(kinds.SERVICE, "web") in unit.left_out for unit in of_copies} == {False}


STEP = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: {name}
spec:
  hosts: [cart]
  http:
  - route:
    - destination: {{host: cart, subset: {subset}}}
"""
OWN_SERVICE = """apiVersion: v1
kind: Service
metadata: {name: cart}
spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}
"""
OWN_PODS = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  selector: {matchLabels: {app: cart}}
  template: {metadata: {labels: {app: cart, version: v1}}, spec: {containers: [{name: cart, image: cart}]}}
"""
SUBSETS = """apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: cart
spec:
  host: cart
  subsets:
  - name: v1
    labels: {version: v1}
    trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}
"""


def codes(folder: Path, files: dict[str, str]) -> set[str]:
    """The codes of what is found in a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")
    snapshot, _ = read_manifests([str(folder)], recursive=True)
    return {row.code for row in diagnose(snapshot, RULES).findings}


def test_steps_of_a_tutorial_contradict_nothing_beside_them(tmp_path: Path) -> None:
    """Of files that hold one object several times people apply one, and nobody knows which of the others is there then."""
    steps = {f"{name}.yaml": STEP.format(name="cart", subset=name) for name in ("v1", "v2")}

    assert "MF410" not in codes(tmp_path / "a", {**steps, "retry.yaml": STEP.format(name="retry", subset="v1")})


def test_what_each_of_two_environments_has_contradicts_each_other(tmp_path: Path) -> None:
    """Folders of one name hold objects twice too, and each of them is applied as a whole."""
    both = {"route.yaml": STEP.format(name="cart", subset="v1"), "retry.yaml": STEP.format(name="retry", subset="v1")}

    assert "MF410" in codes(tmp_path, {f"{folder}/{name}": text for folder in ("dev", "prod") for name, text in both.items()})


def test_routes_of_another_step_may_lead_to_a_subset(tmp_path: Path) -> None:
    """A subset's policy is unused only where the files hold routes to its host, or all of its server, and all of them are looked at."""
    steps = {f"{name}.yaml": STEP.format(name="cart", subset=name) for name in ("v1", "v2")}

    assert "MF437" not in codes(tmp_path / "a", {**steps, "rule.yaml": SUBSETS})
    assert "MF437" not in codes(tmp_path / "b", {"rule.yaml": SUBSETS})
    assert "MF437" in codes(tmp_path / "c", {"rule.yaml": SUBSETS, "v2.yaml": STEP.format(name="cart", subset="v2")})
    assert "MF437" not in codes(tmp_path / "d", {"rule.yaml": SUBSETS, "cart.yaml": OWN_SERVICE})
    assert "MF437" in codes(tmp_path / "e", {"rule.yaml": SUBSETS, "cart.yaml": OWN_SERVICE + OWN_PODS})
    assert "MF437" not in codes(tmp_path / "f", {"rule.yaml": SUBSETS, "cart.yaml": OWN_SERVICE + OWN_PODS, **steps})


@pytest.mark.parametrize("status", ["${STATUS}", "{{ status }}"])
def test_a_placeholder_in_the_place_of_a_number_is_no_fault(tmp_path: Path, status: str) -> None:
    """A document that is still to be filled in is said to be, wherever the placeholder is."""
    text = STEP.format(name="cart", subset="v1").replace("  - route", f'  - directResponse: {{status: "{status}"}}\n    route')
    (tmp_path / "a.yaml").write_text(f"{text}---\n{SUBSETS}", encoding="utf-8")
    snapshot, _ = read_manifests([str(tmp_path)])

    assert [(row.code, row.severity) for row in diagnose(snapshot, RULES).findings] == [("MF001", "info")]
