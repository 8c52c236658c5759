"""Jisr: a small model here, a large one in the cloud, and a reason for each turn."""

__version__ = "0.1.0"
