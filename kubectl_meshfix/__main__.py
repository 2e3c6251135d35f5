"""``python -m kubectl_meshfix``."""

from kubectl_meshfix.cli.main import main

main()
