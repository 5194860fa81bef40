"""A crowd at the pages keeps no health check waiting."""

import asyncio
from urllib.parse import urlsplit

CONNECTIONS = 100
PAGES = 30
"""Pages that each asks for."""


def test_the_health_is_answered_while_a_crowd_asks_for_pages(url):
    address = urlsplit(url)

    async def ask(path):
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return int(answer.split()[1])

    async def crowd():
        async def read_pages():
            return [await ask("/docs") for _ in range(PAGES)]

        pages = asyncio.gather(*(read_pages() for _ in range(CONNECTIONS)))
        healthy = 0
        while not pages.done():
            assert await ask("/health/ready") == 200
            healthy += not pages.done()
        return [status for answers in await pages for status in answers], healthy

    statuses, healthy = asyncio.run(crowd())
    assert len(statuses) == CONNECTIONS * PAGES
    assert 200 in statuses
    assert set(statuses) <= {200, 503}
    assert healthy > 10
