"""The injector's configuration: the ConfigMap `istio-sidecar-injector` (`pkg/kube/inject/inject.go Config`)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from kubectl_meshfix.resources import go_yaml
from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.resources.meta import LabelSelector, Ref, Struct


class InjectorValues(Struct, frozen=True):
    """What the injection templates read of the Helm values (`data.values`, JSON). ``env`` is istiod's, as the chart was given it.

    Of what the values do not say, the chart's own default is taken, which every installation has.
    """

    platform: str = ""
    hub: str = ""
    tag: str = ""
    image: str = "proxyv2"
    privileged: bool = False
    seccomp_profile: str = ""
    hold_application_until_proxy_starts: bool = False
    rewrite_app_http_probe: bool = True
    include_outbound_ip_ranges: str = "*"
    exclude_outbound_ip_ranges: str = ""
    include_outbound_ports: str = ""
    exclude_outbound_ports: str = ""
    include_inbound_ports: str = "*"
    exclude_inbound_ports: str = ""
    cni_enabled: bool = False
    cni_provider: str = ""
    enable_namespaces_by_default: bool = False
    env: dict[str, str] = {}

    @property
    def proxy_image(self) -> str:
        """The image of a proxy without a variant (`pkg/kube/inject/inject.go ProxyImage`)."""
        return self.image if "/" in self.image or not self.hub else f"{self.hub}/{self.image}:{self.tag}"


class InjectorConfig(Struct, frozen=True):
    """The injector's ConfigMap (`pkg/kube/inject/inject.go Config`).

    ``text`` is `data.config` as it stands. An injector that is not ``usable`` could not start from this ConfigMap: ``problems`` say why.
    """

    config_map: Ref
    text: str = ""
    policy: str = ""
    never_inject_selector: tuple[LabelSelector, ...] = ()
    always_inject_selector: tuple[LabelSelector, ...] = ()
    default_templates: tuple[str, ...] = ("sidecar",)
    templates: tuple[str, ...] = ()
    aliases: dict[str, tuple[str, ...]] = {}
    values: InjectorValues = InjectorValues()
    usable: bool = True
    problems: tuple[str, ...] = ()


def read_injector_config(config_map: Ref, data: Mapping[str, str]) -> InjectorConfig:
    """The injector's configuration as istiod decodes it (`pkg/kube/inject/watcher.go readConfigMap`, `inject.go UnmarshalConfig`).

    The decoder is Go's: keys match in any case, unknown ones are dropped, and an item that says nothing is an empty selector.
    """
    text = data.get("config", "")
    problems = [f"It has no key {key}." for key in ("config", "values") if key not in data]
    raw, bad_config = mapping(text)
    values, bad_values = mapping(data.get("values", ""))
    problems += [f"Its key {key} cannot be read: {what}" for key, what in (("config", bad_config), ("values", bad_values)) if what]
    found = go_yaml.fields(raw)
    try:
        config = InjectorConfig(
            config_map=config_map,
            policy=go_yaml.string(found.get("policy")),
            never_inject_selector=go_yaml.sequence(found.get("neverinjectselector"), go_yaml.label_selector),
            always_inject_selector=go_yaml.sequence(found.get("alwaysinjectselector"), go_yaml.label_selector),
            default_templates=go_yaml.strings(found.get("defaulttemplates")) or ("sidecar",),
            templates=tuple(go_yaml.mapping(found.get("templates"), go_yaml.string)),
            aliases=go_yaml.mapping(found.get("aliases"), go_yaml.strings),
        )
    except go_yaml.MismatchError as error:
        problems.append(f"Its key config does not decode: {error}.")
        config = InjectorConfig(config_map=config_map)
    return msgspec.structs.replace(config, text=text, values=_values(values), usable=not problems, problems=tuple(problems))


def _values(raw: Mapping[str, Any]) -> InjectorValues:
    env = _at(raw, "pilot", "env")
    return InjectorValues(
        platform=_text(_at(raw, "global", "platform")),
        hub=_text(_at(raw, "global", "hub")),
        tag=_text(_at(raw, "global", "tag")),
        image=_text(_at(raw, "global", "proxy", "image")) or "proxyv2",
        privileged=_at(raw, "global", "proxy", "privileged") is True,
        seccomp_profile=_text(_at(raw, "global", "proxy", "seccompProfile", "type")),
        hold_application_until_proxy_starts=_at(raw, "global", "proxy", "holdApplicationUntilProxyStarts") is True,
        rewrite_app_http_probe=_at(raw, "sidecarInjectorWebhook", "rewriteAppHTTPProbe") is not False,
        include_outbound_ip_ranges=_or_default(_at(raw, "global", "proxy", "includeIPRanges"), "*"),
        exclude_outbound_ip_ranges=_text(_at(raw, "global", "proxy", "excludeIPRanges")),
        include_outbound_ports=_text(_at(raw, "global", "proxy", "includeOutboundPorts")),
        exclude_outbound_ports=_text(_at(raw, "global", "proxy", "excludeOutboundPorts")),
        include_inbound_ports=_or_default(_at(raw, "global", "proxy", "includeInboundPorts"), "*"),
        exclude_inbound_ports=_text(_at(raw, "global", "proxy", "excludeInboundPorts")),
        cni_enabled=_at(raw, "pilot", "cni", "enabled") is True or _at(raw, "istio_cni", "enabled") is True,
        cni_provider=_text(_at(raw, "pilot", "cni", "provider")),
        enable_namespaces_by_default=_at(raw, "sidecarInjectorWebhook", "enableNamespacesByDefault") is True,
        env={str(key): _text(value) for key, value in env.items()} if isinstance(env, dict) else {},
    )


def _at(raw: Any, *path: str) -> Any:
    for key in path:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw


def _or_default(value: Any, default: str) -> str:
    return default if value is None else _text(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
