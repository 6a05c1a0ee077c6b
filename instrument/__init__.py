"""Twos and sevens: the training of a neural network, played live."""

__version__ = "0.1.0"
