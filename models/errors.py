"""Everything that can go wrong, as one tree.

DigitsError
├── DrawingError               an array that cannot be read as a drawing
│   └── BlankDrawing           no ink anywhere
├── ArtifactError              a model directory that must not be served
│   ├── ArtifactMissing        no such directory, version or label
│   ├── ArtifactCorrupt        a file is truncated, altered, absent or unparsable
│   └── ArtifactIncompatible   written for another format or canonicalization
├── StoreUnwritable            a version or a label cannot be written: a full or read-only disk
├── CorrectionsUnavailable     the database of corrections cannot be used
├── DatasetError               training data that is absent, truncated or not MNIST
└── RequestError               what a client sent cannot be answered
    ├── MalformedRequest       the body does not parse
    ├── NoSuchModel            another model or version than is served
    ├── UnsupportedMedia       a media type the service does not read
    ├── RequestTooLarge        over the limit on bytes, pixels or items
    ├── UnusableInput          parses, but is no drawing: a wrong shape, an animation
    ├── Unauthorized           no key, or none that is known
    ├── RateLimited            one asks too often
    ├── CorrectionsFull        no more corrections now
    ├── Overloaded             the queue is full; try again soon
    └── DeadlineExceeded       it waited too long

Each message names the thing and says what to do. `code` is stable: programs may depend on it.
"""


class DigitsError(Exception):
    """Base of every error this project raises on purpose."""


class DrawingError(DigitsError):
    """The array is not a (h, w) uint8 drawing."""


class BlankDrawing(DrawingError):
    """There is no ink in the drawing."""


class ArtifactError(DigitsError):
    """The model directory must not be served."""


class ArtifactMissing(ArtifactError):
    """There is no such directory, version or label."""


class ArtifactCorrupt(ArtifactError):
    """A file is truncated, altered, absent or unparsable."""


class ArtifactIncompatible(ArtifactError):
    """The artifact was written for another format or another canonicalization."""


class StoreUnwritable(DigitsError):
    """A version or a label cannot be written; the store is as it was."""


class DatasetError(DigitsError):
    """Training data is absent, truncated or not MNIST."""


class CorrectionsUnavailable(DigitsError):
    """The database of corrections cannot be used."""


class RequestError(DigitsError):
    """What a client sent cannot be answered.

    Args:
        code: stable, snake_case; programs may depend on it.
        detail: one sentence for a person, saying what to do.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class MalformedRequest(RequestError):
    """The body does not parse."""


class NoSuchModel(RequestError):
    """The request is for a model or a version that is not served."""


class UnsupportedMedia(RequestError):
    """The service does not read this media type."""


class RequestTooLarge(RequestError):
    """Over the limit on bytes, pixels or items."""


class UnusableInput(RequestError):
    """The body parses, but holds nothing that can be read as a digit."""


class Unauthorized(RequestError):
    """The request came without a key that is known."""


class RateLimited(RequestError):
    """One asks too often: with his key, or from his address.

    Args:
        code: as of RequestError.
        detail: as of RequestError.
        retry_after: seconds after which it may ask again.
    """

    def __init__(self, code: str, detail: str, retry_after: int) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class CorrectionsFull(RequestError):
    """Too many corrections came in the last minute, or are kept."""


class Overloaded(RequestError):
    """The queue is full."""


class DeadlineExceeded(RequestError):
    """The request waited too long."""
