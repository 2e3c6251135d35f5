"""Files in findings that are about no object."""

from kubectl_meshfix.resources.meta import Ref


def file_ref(name: str) -> Ref:
    """Stands for a file in findings about no object."""
    return Ref("", "File", None, name)
