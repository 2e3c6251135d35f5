#!/bin/sh
# The story of `make demo`, on the manifests beside it. Nothing is changed. The first word is the Python that runs it.
set -eu
python=$1
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

show() {
  printf '\n%s# %s%s\n$ kubectl meshfix' "$bold" "$1" "$plain"
  shift
  printf ' %s' "$@"
  printf '\n'
  code=0
  "$python" -m kubectl_meshfix "$@" || code=$?
  [ "$code" -le 1 ] || exit "$code" # 1 says that something was found
}

show 'What is wrong with this shop? The errors alone, a line each.' \
  diagnose -f examples/shop --severity error -o short
show 'Its owner wanted no sidecar for sessions. Why does it get one?' \
  explain -f examples/shop -f examples/istio sts/sessions -n shop
show 'Why does a call to details fail?' \
  trace -f examples/bookinfo -f examples/bookinfo/mistakes/no-subset.yaml deploy/productpage-v1 http://details:9080/
show 'A fix, as a diff. Comments and everything else in the file stay as they are.' \
  apply -f examples/shop/cart.yaml --select MF102 --dry-run
printf '\n%sNothing was changed.%s Your own manifests: %s -m kubectl_meshfix diagnose -f FOLDER -R\n' "$bold" "$plain" "$python"
printf 'That works in this folder. Installed (pipx install ., or docs/install.md) it is kubectl meshfix, anywhere. Next: docs/getting-started.md\n'
