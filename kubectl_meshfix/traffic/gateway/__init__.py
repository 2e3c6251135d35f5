"""Gateways: what their names stand for, which pods listen for them, and on which ports these are reached."""
