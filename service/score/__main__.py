"""python -m service.score SOURCE --out DIR: read pictures in bulk, from where the last run ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence

from models.errors import DigitsError
from service.config import Config
from service.score import arguments, processes, shards, summary
from service.score.arguments import Arguments
from service.score.job import Job
from service.score.output import Output
from service.score.plan import Plan
from service.score.progress import Progress
from service.score.rendering.renderer import Renderer
from service.score.shard_scorer import ShardResult
from service.score.shards import Shard
from service.score.sources import listing
from service.score.sources.source import SourceError
from service.score.sources.tools import Tools

FAILED, SOME_UNREADABLE, INTERRUPTED = 1, 3, 130


def main(words: Sequence[str] | None = None) -> int:
    """Score what the command line names, and return the exit status."""
    asked = arguments.parse(words)
    try:
        job = Job.load(Config.from_environment(), asked.read_as, asked.grid, asked.format)
        return score(asked, job)
    except DigitsError as error:
        _say(str(error))
        return FAILED
    except KeyboardInterrupt:
        _say("ended by Ctrl-C; the same command goes on from here")
        return INTERRUPTED


def score(asked: Arguments, job: Job) -> int:
    """Score the shards that are not there yet, then sum up.

    Raises:
        DigitsError: that is not possible.
    """
    output = Output(asked.out, f".{asked.format}")
    described = {"sources": asked.sources, "format": asked.format, **job.description}
    with output.opened(described):
        plan = make_plan(asked, job)
        if others := output.remove_others(plan):
            _say(f"{others:,} shards were of sources that have changed since; what has changed is scored anew")
        changed = score_missing(plan, output, job)
        if changed:
            raise SourceError(f"{changed} changed while it was read; run the same command again once it stays as it is")
        total = output.total()
        summary.write(output, described, total, job.digits.directory / "report.json")
    unreadable = total.errors.total()
    _say(f"{total.rows:,} pictures, {total.accepted:,} answers accepted, {unreadable:,} unreadable; {asked.out}")
    return SOME_UNREADABLE if unreadable else 0


def make_plan(asked: Arguments, job: Job) -> Plan:
    """Find all pictures.

    Raises:
        SourceError: there are none.
    """
    tools = Tools(job.config, Renderer(job.config))
    try:
        files = listing.files(asked.sources, skip=os.path.realpath(asked.out))
        plan = Plan(shards.cut(files, tools, job.weight), asked.out)
    finally:
        tools.renderer.close()
    if not plan.pictures:
        raise SourceError(f"{', '.join(asked.sources)}: holds no pictures")
    return plan


def score_missing(plan: Plan, output: Output, job: Job) -> str | None:
    """Score the shards that are not there; return a source that changed meanwhile, whose shard is left out."""
    done = output.done(plan)
    progress = Progress(plan.pictures, sum(shard.total for shard in plan if shard.name in done))
    changed = None
    for result in _results((shard for shard in plan if shard.name not in done), job):
        progress.advance(result.total, result.errors)
        if result.changed is None:
            output.write(result)
        else:
            changed = result.changed
    progress.close()
    return changed


def _results(missing: Iterable[Shard], job: Job) -> Iterator[ShardResult]:
    if address := os.environ.get("RAY_ADDRESS"):
        from service.score import ray_cluster

        return ray_cluster.run(missing, job, address)
    return processes.run(missing, job)


def _say(line: str) -> None:
    print(f"score: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
