"""The files in a multipart form."""

from __future__ import annotations

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header

from models.errors import MalformedRequest, RequestTooLarge


def files(body: bytes, content_type: str, max_files: int) -> list[bytes]:
    """Take every file out of a form, whatever its field is called; a field in which none was chosen holds none.

    Args:
        body: whole body of the request.
        content_type: header that names the boundary.
        max_files: largest number of parts.

    Raises:
        MalformedRequest: there is no boundary or no file, or the form is broken.
        RequestTooLarge: there are too many parts.
    """
    _, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if not boundary:
        raise MalformedRequest("bad_form", "The Content-Type names no boundary; let the HTTP library write it.")
    found: list[tuple[str, bytearray]] = []
    try:
        with PushMultipartParser(boundary, content_length=len(body), max_segment_count=max_files) as parser:
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    is_file = event.filename is not None
                    if is_file:
                        found.append((event.filename, bytearray()))
                elif event and is_file:
                    found[-1][1].extend(event)
    except ParserLimitReached as error:
        raise RequestTooLarge("too_many_items", f"The form has too many parts; send at most {max_files}.") from error
    except MultipartError as error:
        raise MalformedRequest("bad_form", f"The form is broken ({error}); let the HTTP library build it.") from error
    files = [bytes(content) for name, content in found if name or content]
    if not files:
        raise MalformedRequest("no_file", "The form holds no file; choose one, or send each image as a file part.")
    return files
