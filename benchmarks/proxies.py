"""Two hundred proxies behind a stand-in API server: how long asking them takes, and how many requests. Measured in this process.

The server answers each request after 20 ms, as an API server does that has to reach a node; one proxy is dead and one is silent.
"""

import json
import time

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.sources.proxies import questions
from kubectl_meshfix.sources.proxies.gathering import gather
from tests.sources.proxies.stand_in import ANSWERS, SILENT, istiod_deployment, istiod_pod, proxied_pod, standing_in

PODS = 200
DELAY = 0.02


def proxies() -> None:
    """All of them, a sample, and all of them with one that is dead and one that is silent."""
    for title, largest, is_faulty in (
        (f"{PODS} proxies", None, False),
        ("a sample of 50", 50, False),
        (f"{PODS} proxies, one dead, one silent", None, True),
    ):
        wall, cpu, requests, answered = _asked(largest, is_faulty=is_faulty)
        print(f"{title}: {wall:.1f} s wall, {cpu:.2f} s CPU (the server's too), {requests} requests, {answered} proxies answered")


def _asked(largest: int | None, *, is_faulty: bool) -> tuple[float, float, int, int]:
    pods = [proxied_pod(f"app-{number:03}", f"ns-{number % 10}") for number in range(PODS)]
    statistics = (ANSWERS / "proxy.txt").read_bytes() + _traffic()
    with standing_in() as server:
        server.delay = DELAY
        rows = json.loads((ANSWERS / "syncz.json").read_bytes())[1]
        sync = json.dumps([rows | {"proxy": f"{pod['metadata']['name']}.{pod['metadata']['namespace']}"} for pod in pods]).encode()
        istiod = {"/metrics?": (ANSWERS / "istiod.txt").read_bytes(), "/debug/syncz": sync}
        server.pods["istio-system/istiod-1:15014"] = lambda target: istiod[target]
        for pod in pods:
            server.pods[f"{pod['metadata']['namespace']}/{pod['metadata']['name']}:{questions.AGENT_STATISTICS.port}"] = lambda _: (
                statistics
            )
        if is_faulty:
            server.pods["ns-3/app-003:15020"] = lambda _: SILENT
            del server.pods["ns-4/app-004:15020"]
        structs = {"Pod": Pod, "Deployment": Deployment}
        mesh = Mesh((msgspec.convert(item, structs[item["kind"]]) for item in (istiod_deployment(), istiod_pod(), *pods)), live=True)
        connection = server.connection()
        wall, cpu = time.perf_counter(), time.process_time()
        answers = gather(connection, mesh, largest=largest)
        return time.perf_counter() - wall, time.process_time() - cpu, len(server.requests), len(answers.proxies)


def _traffic() -> bytes:
    """What a busy proxy adds: 200 series of requests, as Istio's filter names them."""
    host = "app-{n}.ns-1.svc.cluster.local"
    labels = 'reporter="source",source_workload="app",destination_service="' + host + '",response_code="{code}",response_flags="{flag}"'
    rows = (labels.format(n=number, code=503 if number % 20 == 0 else 200, flag="UF" if number % 20 == 0 else "-") for number in range(200))
    return "".join(f"istio_requests_total{{{row}}} 12\n" for row in rows).encode()
