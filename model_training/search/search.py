"""A search among variations of a preset: what was tried is on disk, so that a kill costs one trial."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import asdict
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from model_training import progress
from model_training.presets import Preset
from model_training.search.variation import Outcome, Variation
from models.errors import DigitsError

JOURNAL = "journal.jsonl"
FASTER = 4.0
"""The learning rate is tried from a fourth of the preset's to four times it."""
WIDTHS = (0.5, 0.71, 1.0, 1.41, 2.0)
MOST_DROPOUT = 0.7

Submit = Callable[[Variation], "Future[Outcome]"]
"""Starts to measure a variation."""


class SearchError(DigitsError):
    """The directory holds another search."""


def resume_or_start(directory: Path, preset: Preset, seed: int, extra: Sequence[Path] = ()) -> optuna.Study:
    """The study in a directory; trials that a kill cut short are queued again.

    Raises:
        SearchError: it is of another preset, seed or extra data.
    """
    directory.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(directory / JOURNAL))),
        study_name="search",
        load_if_exists=True,
    )
    settings = {"preset": asdict(preset), "seed": seed, "extra": sorted(str(path.resolve()) for path in extra)}
    if study.user_attrs and study.user_attrs != settings:
        different = ", ".join(key for key, value in settings.items() if study.user_attrs.get(key) != value)
        other = study.user_attrs["preset"]["name"]
        raise SearchError(
            f"{directory}: holds a search of preset {other} with another {different}; name another with --to"
        )
    for key, value in settings.items():
        study.set_user_attr(key, value)
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))  # or it would repeat its first choices
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
        study.enqueue_trial(trial.params)
    return study


def complete(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that ended, the best first."""
    return sorted(study.get_trials(states=(TrialState.COMPLETE,)), key=lambda trial: trial.value)


def run(study: optuna.Study, preset: Preset, trials: int, submit: Submit, parallel: int) -> None:
    """Try until so many trials are complete.

    Args:
        study: from `resume_or_start`.
        preset: that is varied.
        trials: altogether, those of before included.
        submit: measures.
        parallel: how many at a time.
    """
    missing = trials - len(complete(study))
    bar = progress.bar(total=trials, initial=trials - missing, desc="search", unit="trial")
    pending: dict[Future[Outcome], optuna.Trial] = {}
    while missing > 0 or pending:
        while missing > 0 and len(pending) < parallel:
            trial = study.ask()
            pending[submit(suggest(trial, preset))] = trial
            missing -= 1
        for future in wait(pending, return_when=FIRST_COMPLETED).done:
            trial, outcome = pending.pop(future), future.result()
            for name, value in asdict(outcome).items():
                trial.set_user_attr(name, value)
            study.tell(trial, outcome.loss)
            bar.update()
            progress.say(f"trial {trial.number}: validation loss {outcome.loss:.4f}, {_told(trial.params)}")
    bar.close()


def here(measure: Callable[[Variation], Outcome]) -> Submit:
    """Measures in this process, one variation after another."""

    def submit(variation: Variation) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        future.set_result(measure(variation))
        return future

    return submit


def suggest(trial: optuna.Trial, preset: Preset) -> Variation:
    """The next point of the space around a preset."""
    rate = preset.optimizer.learning_rate
    return Variation(
        learning_rate=trial.suggest_float("learning_rate", rate / FASTER, rate * FASTER, log=True),
        width=trial.suggest_categorical("width", WIDTHS),
        dropout=trial.suggest_float("dropout", 0.0, MOST_DROPOUT),
        augmented=trial.suggest_float("augmented", 0.0, 1.0),
    )


def rows(study: optuna.Study) -> list[dict[str, Any]]:
    """Every complete trial with what it tried and what came of it, the best first."""
    return [{"trial": trial.number, **trial.params, **trial.user_attrs} for trial in complete(study)]


def _told(params: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in params.items())
