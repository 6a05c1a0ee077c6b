"""The GAN: digits, nets, the training thread, its streams, and the gestures that reach into it."""

import sys
from typing import Any, cast

# torch loads triton's own LLVM when it is installed. In a process whose window is drawn by Mesa's LLVM
# (llvmpipe) that ends in a segmentation fault. Nothing here compiles, so torch is told there is none.
cast(dict[str, Any], sys.modules).setdefault("triton", None)
