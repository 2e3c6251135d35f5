# An image of the program alone: no shell, no Python besides the program's own, no root. From the root of a clone:
#
#     docker build -t kubectl-meshfix .
#
# A release does not build anew. It takes its archives for the first stage: --build-context build=FOLDER, with out/amd64 and out/arm64.
FROM python:3.13-slim-bookworm AS build
ARG TARGETARCH
RUN apt-get update && apt-get install --yes --no-install-recommends binutils git && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN pip install --no-deps --no-build-isolation -e . && python -m krew.freeze dist && mkdir /out && mv build/krew/program/meshfix "/out/$TARGETARCH"

# Debian 12's C library as in the first stage, certificates and time zones; its user is 65532.
FROM gcr.io/distroless/base-debian12:nonroot
ARG TARGETARCH
COPY --from=build /out/$TARGETARCH /opt/meshfix
# The program is linked to zlib, and looks for it before it knows its own folder.
COPY --from=build /out/$TARGETARCH/_internal/libz.so.1 /usr/lib/libz.so.1
ENTRYPOINT ["/opt/meshfix/kubectl-meshfix"]
