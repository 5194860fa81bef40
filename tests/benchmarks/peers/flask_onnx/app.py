"""Flask + ONNX Runtime."""

from __future__ import annotations

from typing import Any

from digit_network import OnnxNetwork, answer, read_digit
from flask import Flask, request

app = Flask(__name__)
network = OnnxNetwork()


@app.post("/predict")
def predict() -> dict[str, Any]:
    digit = read_digit(request.get_data())
    return answer(network(digit[None])[0])
