"""What a TAB is answered with, and the scripts that let a shell ask."""
