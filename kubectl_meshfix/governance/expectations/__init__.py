"""Files of expectations: what may stand in them, and what is wrong with one."""
