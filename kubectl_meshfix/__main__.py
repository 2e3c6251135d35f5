"""``python -m kubectl_meshfix``."""

from kubectl_meshfix.cli.start import main

main()
