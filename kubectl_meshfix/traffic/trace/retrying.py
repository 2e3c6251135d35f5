"""Connections that fail are tried again elsewhere: some endpoints that cannot be reached need not harm any request."""

from collections.abc import Sequence

import msgspec

from kubectl_meshfix.chain.steps import Where, step
from kubectl_meshfix.traffic.checks.endpoints import RETRIED
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.trace.answers import Branch
from kubectl_meshfix.traffic.trace.way import Leg, with_steps

_CONNECTING = frozenset({Failure.REFUSED, Failure.NO_ANSWER, Failure.TLS_REFUSED, Failure.TLS_TO_PLAIN_TEXT, Failure.BAD_CERTIFICATE})
"""What ends a connection before a request is sent on it (`connect-failure`)."""


class Tried(msgspec.Struct, frozen=True):
    """A leg to an endpoint, and how it ends there."""

    leg: Leg
    branches: Sequence[Branch]


def retried(together: Sequence[Tried]) -> Sequence[Tried]:
    """The legs to the endpoints of one cluster, without those that the proxy leaves for another after their connection failed.

    A retry goes to a host that was not tried before (`route/retry/retry.go DefaultPolicy`, `previous_hosts`). So as long as there are fewer
    retries than pods that fail, some requests still fail.
    """
    bad = [item for item in together if all(len(branch.hops) == 1 and branch.ending.failure in _CONNECTING for branch in item.branches)]
    good = [item for item in together if item not in bad]
    failing = sum(item.leg.endpoint.count for item in bad)
    if not bad or not good or failing > bad[0].leg.way.retries or any(item.leg.given for item in together):
        return together
    whole, left = sum(item.leg.share for item in together), sum(item.leg.share for item in good)
    party = bad[0].leg.endpoint.party
    at = Where(party.workload.ref, party.workload.template_path) if party.workload else None
    told = step(RETRIED, at, servers=" and ".join(dict.fromkeys(str(item.leg.endpoint.party) for item in bad)))
    return [
        Tried(
            msgspec.structs.replace(
                item.leg, share=item.leg.share * whole / left, hop=with_steps(item.leg.hop, (*item.leg.hop.steps, told))
            ),
            item.branches,
        )
        for item in good
    ]
