"""Twos and sevens: the training of a neural network, played live."""

import os

__version__ = "0.1.0"

# NumPy's BLAS starts a thread per core unless it is told before it is loaded. On a laptop that also
# renders sound and picture that halves the training (measured: 0.44 of the bare loop instead of 0.89).
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
