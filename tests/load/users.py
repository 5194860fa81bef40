"""The users that load the service: people who draw, programs that post batches, and senders of invalid requests."""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Callable
from typing import Any

from locust import FastHttpUser, between, constant, task

from tests.load.answers import Answers, WrongAnswer
from tests.load.drawing import Drawing, draw_many
from tests.load.mistake import MISTAKES

DRAWINGS = draw_many(200, seed=7)
ANSWERS = Answers()
BATCH = 16  # drawings


class Visitor(FastHttpUser):
    abstract = True

    def predict(self, name: str, content_type: str, body: bytes, status: int, check: Callable[[Any], None]) -> None:
        """POST to /predict; another status than `status` is a failure, and so is a response that `check` refuses."""
        headers = {"Content-Type": content_type}
        with self.client.post("/predict", data=body, headers=headers, name=name, catch_response=True) as response:
            if response.status_code != status:
                response.failure(str(response.error or f"status {response.status_code} instead of {status}"))
                return
            try:
                check(json.loads(response.content))
            except (WrongAnswer, ValueError) as error:
                response.failure(str(error))
            else:
                response.success()


class Person(Visitor):
    """A person who draws, looks, and draws again."""

    weight = 12
    wait_time = between(0.2, 1.0)

    @task
    def draw(self) -> None:
        drawing = random.choice(DRAWINGS)
        self.predict("drawing", "image/png", drawing.png, 200, lambda answer: ANSWERS.check(drawing, answer))


class Program(Visitor):
    """A program that posts batch after batch."""

    weight = 6
    wait_time = constant(0)

    @task
    def post_json(self) -> None:
        drawings = random.sample(DRAWINGS, BATCH)
        images = [base64.b64encode(drawing.png).decode() for drawing in drawings]
        self._post(drawings, "batch, JSON", "application/json", json.dumps({"images": images}).encode())

    @task
    def post_form(self) -> None:
        drawings = random.sample(DRAWINGS, BATCH)
        boundary = uuid.uuid4().hex
        self._post(drawings, "batch, form", f"multipart/form-data; boundary={boundary}", _form(drawings, boundary))

    def _post(self, drawings: list[Drawing], name: str, content_type: str, body: bytes) -> None:
        self.predict(name, content_type, body, 200, lambda answer: ANSWERS.check_batch(drawings, answer))


class Careless(Visitor):
    """A sender of invalid requests, who must get the documented status."""

    weight = 2
    wait_time = between(0.2, 1.0)

    @task
    def send_mistake(self) -> None:
        mistake = random.choice(MISTAKES)
        self.predict(f"mistake: {mistake.name}", mistake.content_type, mistake.body, mistake.status, _is_problem)


def _is_problem(answer: Any) -> None:
    if not isinstance(answer, dict) or "code" not in answer:
        raise WrongAnswer(f"the response is not a problem document: {str(answer)[:80]}")


def _form(drawings: list[Drawing], boundary: str) -> bytes:
    parts = [
        (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="file"; filename="{drawing.number}.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        ).encode() + drawing.png + b"\r\n"
        for drawing in drawings
    ]  # fmt: skip
    return b"".join(parts) + f"--{boundary}--\r\n".encode()
