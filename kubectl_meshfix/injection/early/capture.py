"""Which calls of init containers are redirected to the pod's proxy, and which never are."""

from collections.abc import Mapping

from kubectl_meshfix.injection.early.addresses import Host
from kubectl_meshfix.injection.early.calls import InitCall
from kubectl_meshfix.injection.proxy_ids import ProxyIds
from kubectl_meshfix.injection.redirection import EXCLUDE_OUTBOUND_PORTS, Rule, outbound, outbound_settings
from kubectl_meshfix.resources.injector_config import InjectorValues


def is_redirected_outbound(call: InitCall, annotations: Mapping[str, str], values: InjectorValues, ids: ProxyIds) -> bool:
    """Whether the calls of an init container are known to be sent to the proxy once the pod's rules are in place.

    The proxy's own user and group are exempt. Where ports or ranges are excluded, and an address is not known to be none of them, it is
    taken to be one: whoever excluded them had a reason.
    """
    settings = outbound_settings(annotations, values, ids, {})
    hosts = call.hosts or (Host(""),)
    return any(
        outbound(settings, port=host.port, address=host.name, user=call.user, group=call.group).is_redirected is True for host in hosts
    )


def bypass(call: InitCall, host: Host, annotations: Mapping[str, str], values: InjectorValues, ids: ProxyIds) -> str:
    """Why the proxy never gets the calls of an init container to a host, whenever it starts, in words; empty where it may get them."""
    settings = outbound_settings(annotations, values, ids, {})
    match outbound(settings, port=host.port, address=host.name, user=call.user, group=call.group).rule:
        case Rule.PROXY_USER:
            return f"runAsUser {ids.user}"
        case Rule.PROXY_GROUP:
            return f"runAsGroup {ids.group}"
        case Rule.PORT_EXCLUDED if host.port:
            return f"port {host.port} in {EXCLUDE_OUTBOUND_PORTS}"
    return ""
