"""Reports, plans and rules as text. Pure: values in, strings out."""
