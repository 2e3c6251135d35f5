"""A mutation run: one decision of the code is changed at a time, and the tests have to notice.

A runner of our own, because what is asked of one is a sample with a seed for each folder, the tests that call the changed function, and
the changes that tests miss: an operand dropped, a guard taken out, an edge moved by one. mutmut and cosmic-ray draw no such sample and know
none of the first two.

``__main__`` tries a sample, ``weak`` tells of all changes which make no difference where they are.
"""
