"""Types of the arrays that an image becomes on its way to the network: Grey -> Drawing -> Digit -> Standardized.

NumPy's types carry no shape, so each name states the shape, the dtype and the meaning of the values.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""(h, w) grey levels of a picture: 0 black, 255 white; dark ink on light paper, or light on dark."""

Drawing = NDArray[np.uint8]
"""(h, w) ink on paper, of any size: 0 paper, 255 full ink."""

Mask = NDArray[np.uint8]
"""(h, w) in which 255 marks the selected pixels and 0 the others."""

Digit = NDArray[np.uint8]
"""(28, 28) canonical digit: 0 paper, 255 ink; size and position as in MNIST."""

Digits = NDArray[np.uint8]
"""(n, 28, 28) canonical digits."""

Standardized = NDArray[np.float32]
"""(n, 28, 28) digits with the mean and the standard deviation of the training digits removed."""
