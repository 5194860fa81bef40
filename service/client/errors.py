"""Why a request brought no answer."""

from __future__ import annotations


class ServiceError(Exception):
    """The request brought no answer."""


class ServiceUnreachable(ServiceError):
    """The service did not answer in time, even after all retries."""


class Refused(ServiceError):
    """The service refused the request or one of its images.

    Attributes:
        status: HTTP status.
        code: the kind of error in snake_case; it does not change between releases.
        detail: what is wrong and what to do.
        request_id: identifies the request in the service's log.
    """

    def __init__(self, status: int, code: str, detail: str, request_id: str) -> None:
        super().__init__(f"{detail} ({code}, request {request_id})")
        self.status = status
        self.code = code
        self.detail = detail
        self.request_id = request_id
