"""What the injector's template makes of a pod that is injected: values that it refuses, the order of the containers, early calls."""

from kubectl_meshfix.injection.template.annotations import READ_VALUES, refused_values, validate_annotations
from kubectl_meshfix.injection.template.sidecar import add_sidecar, app_waits, cut_off_calls

__all__ = ["READ_VALUES", "add_sidecar", "app_waits", "cut_off_calls", "refused_values", "validate_annotations"]
