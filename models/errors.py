"""All errors that this project raises on purpose.

DigitsError
├── DrawingError               an array is not a drawing
│   └── BlankDrawing           a drawing has no ink
├── TakesLong                  reading a drawing would take long, and was to be quick
├── ArtifactError              a model directory must not be served
│   ├── ArtifactMissing        the directory, version or label does not exist
│   ├── ArtifactCorrupt        a file is truncated, altered, missing or unparsable
│   └── ArtifactIncompatible   the artifact has another format or canonicalization
├── StoreUnwritable            a version or label cannot be written, as on a full or read-only disk
├── CorrectionsUnavailable     the database of corrections cannot be used
├── DatasetError               training data is missing, truncated or not MNIST
└── RequestError               a request cannot be answered
    ├── MalformedRequest       the body does not parse
    ├── NoSuchModel            the model or version is not served
    ├── UnsupportedMedia       the media type is not supported
    ├── RequestTooLarge        a limit on bytes, pixels or items is exceeded
    ├── UnusableInput          the body parses but holds no drawing: a wrong shape, an animation
    ├── Unauthorized           the API key is missing or unknown
    ├── RateLimited            requests come too often
    ├── CorrectionsFull        no more corrections are accepted now
    ├── Overloaded             the queue is full
    └── DeadlineExceeded       the request waited too long

Each message names what is wrong and says what to do. `code` is stable: programs may depend on it.
"""

LONGEST_DETAIL = 500
"""Characters of an error's detail, which may repeat what a client sent."""


class DigitsError(Exception):
    """Base of all errors that this project raises on purpose."""


class DrawingError(DigitsError):
    """The array is not a (h, w) uint8 drawing."""


class BlankDrawing(DrawingError):
    """The drawing has no ink."""


class TakesLong(DigitsError):
    """Reading the drawing would take more than a few milliseconds, and was to be quick."""


class ArtifactError(DigitsError):
    """The model directory must not be served."""


class ArtifactMissing(ArtifactError):
    """The directory, version or label does not exist."""


class ArtifactCorrupt(ArtifactError):
    """A file is truncated, altered, missing or unparsable."""


class ArtifactIncompatible(ArtifactError):
    """The artifact was written for another format or another canonicalization."""


class StoreUnwritable(DigitsError):
    """A version or label cannot be written; the store is unchanged."""


class DatasetError(DigitsError):
    """Training data is missing, truncated or not MNIST."""


class CorrectionsUnavailable(DigitsError):
    """The database of corrections cannot be used."""


class RequestError(DigitsError):
    """The request cannot be answered.

    Args:
        code: stable name in snake_case; programs may depend on it.
        detail: one sentence for people that says what to do.
    """

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail if len(detail) <= LONGEST_DETAIL else detail[:LONGEST_DETAIL] + "..."
        super().__init__(self.detail)


class MalformedRequest(RequestError):
    """The body does not parse."""


class NoSuchModel(RequestError):
    """The request names a model or version that is not served."""


class UnsupportedMedia(RequestError):
    """The service does not support this media type."""


class RequestTooLarge(RequestError):
    """The request exceeds a limit on bytes, pixels or items."""


class UnusableInput(RequestError):
    """The body parses but holds no drawing."""


class Unauthorized(RequestError):
    """The request has no API key, or an unknown one."""


class RateLimited(RequestError):
    """Requests with this key or from this address come too often.

    Args:
        code: as in RequestError.
        detail: as in RequestError.
        retry_after: seconds until the next request is accepted.
    """

    def __init__(self, code: str, detail: str, retry_after: int) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class CorrectionsFull(RequestError):
    """Too many corrections arrived in the last minute, or too many are stored."""


class Overloaded(RequestError):
    """The queue is full; the request may be sent again soon."""


class DeadlineExceeded(RequestError):
    """The request waited too long."""
