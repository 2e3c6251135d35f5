"""The line of a report on files in which nothing has to do with Istio."""

from kubectl_meshfix.render.text.terminal import count
from kubectl_meshfix.report import Report


def without_istio(report: Report) -> str:
    """What is left out because nothing in the files has to do with Istio, and how to see it; empty where something has."""
    if report.speaks_of_istio:
        return ""
    if not report.withheld:
        return "Nothing in them has to do with Istio." if not report.active else "Nothing in these files has to do with Istio."
    left_out = count(report.withheld, "finding")
    is_or_are, them = ("is", "it") if report.withheld == 1 else ("are", "them")
    looked_at = count(sum(report.read.values()), "object")
    return (
        f"Nothing in these files ({looked_at}) has to do with Istio, so {left_out} about ports and workloads {is_or_are} left out. "
        f"To see {them}: --scope all"
    )
