"""What each verb can print, as the values of ``-o``: a module for each."""
