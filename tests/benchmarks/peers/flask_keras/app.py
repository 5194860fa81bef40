"""Flask + Keras `model(x)`, as the tutorials write it."""

from __future__ import annotations

import os
from typing import Any

import keras
from digit_network import answer, read_digit
from flask import Flask, request

app = Flask(__name__)
model = keras.saving.load_model(os.environ["NETWORK"], compile=False)


@app.post("/predict")
def predict() -> dict[str, Any]:
    digit = read_digit(request.get_data())
    return answer(model(digit[None], training=False).numpy()[0])
