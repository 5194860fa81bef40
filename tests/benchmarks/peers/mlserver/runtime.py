"""MLServer with adaptive batching and parallel workers: an Open Inference Protocol request holds the PNG as base64."""

from __future__ import annotations

import numpy as np
from digit_network import OnnxNetwork, read_digit
from mlserver import MLModel
from mlserver.codecs import Base64Codec, NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class DigitRuntime(MLModel):
    async def load(self) -> bool:
        self.network = OnnxNetwork()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        digits = np.stack([read_digit(png) for png in Base64Codec.decode_input(payload.inputs[0])])
        probabilities = NumpyCodec.encode_output("probabilities", self.network(digits))
        return InferenceResponse(model_name=self.name, outputs=[probabilities])
