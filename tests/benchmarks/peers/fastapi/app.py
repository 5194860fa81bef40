"""FastAPI + ONNX Runtime. Inference takes less than a hop to a thread would, so it runs in the event loop."""

from __future__ import annotations

from digit_network import OnnxNetwork, answer, read_digit
from fastapi import FastAPI, Request
from pydantic import BaseModel

app = FastAPI()
network = OnnxNetwork()


class Answer(BaseModel):
    digit: int
    probabilities: list[float]


@app.post("/predict")
async def predict(request: Request) -> Answer:
    digit = read_digit(await request.body())
    return Answer(**answer(network(digit[None])[0]))
