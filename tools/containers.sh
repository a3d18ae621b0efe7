#!/bin/sh
# containers.sh [COMMAND]: what works in a container on this machine: builds the Containerfile's image with podman, and runs
# COMMAND (nsplay doctor) in it in each way to start it. The table in assets/vm/README.md was made with
# 'nsplay doctor' and 'nsplay lesson test'. From the environment:
#   BASE      the image to build on (debian:12). Without a registry:
#             mmdebstrap --variant=minbase bookworm - | podman import - debian; BASE=localhost/debian
#   PODMAN    podman, with options of its own (PODMAN="podman --runtime runc"); OPTIONS: more for its run
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
podman=${PODMAN:-podman} command=${1:-nsplay doctor}
$podman build --quiet --network host ${BASE:+--build-arg "BASE=$BASE"} --tag nsplay "$here"
status=0
for how in '' --privileged; do
    printf '\n== as %s: %s run %s\n' "$(id -un)" "$podman" "$how"
    $podman run --rm --network none $how ${OPTIONS:-} nsplay sh -c "$command" || status=$?
done
exit $status
