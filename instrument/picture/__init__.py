"""What is seen: the window, the looks, the painter, the flash guard, the overlay.

Both settings must stand before pygame or a GL driver is loaded by any file in here.
"""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
# Mesa's software rasteriser: a second thread takes more from the trainer than it gives the picture.
os.environ.setdefault("LP_NUM_THREADS", "1")
