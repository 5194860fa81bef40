"""Search hyper-parameters around a preset; trials are kept on disk, so that a kill costs only those that ran."""

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
from model_training.search.trial import HyperParameters, Outcome
from models.errors import DigitsError

JOURNAL = "journal.jsonl"
LEARNING_RATE_FACTOR = 4.0
"""Learning rates range from a fourth of the preset's to four times it."""
WIDTHS = (0.5, 0.71, 1.0, 1.41, 2.0)
LARGEST_DROPOUT = 0.7

Submit = Callable[[HyperParameters], "Future[Outcome]"]
"""Starts a trial."""


class SearchError(DigitsError):
    """The directory holds a different search."""


def resume_or_start(directory: Path, preset: Preset, seed: int, extra: Sequence[Path] = ()) -> optuna.Study:
    """Load or create the study in a directory; trials that a kill cut short are queued again.

    Raises:
        SearchError: the directory holds a study of another preset, seed or extra data.
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
    # a resumed search with the same seed would repeat its first choices
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
        study.enqueue_trial(trial.params)
    return study


def complete(study: optuna.Study) -> list[FrozenTrial]:
    """Return the complete trials, the best first."""
    return sorted(study.get_trials(states=(TrialState.COMPLETE,)), key=lambda trial: trial.value)


def run(study: optuna.Study, preset: Preset, trials: int, submit: Submit, parallel: int) -> None:
    """Run trials until that many are complete.

    Args:
        study: from `resume_or_start`.
        preset: to vary.
        trials: in all, with those that are complete already.
        submit: starts a trial.
        parallel: how many trials run at a time.
    """
    missing = trials - len(complete(study))
    pending: dict[Future[Outcome], optuna.Trial] = {}
    with progress.bar("search", trials, completed=trials - missing) as bar:
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
                bar.advance()
                chosen = ", ".join(f"{name} {value:.3g}" for name, value in trial.params.items())
                progress.say(f"trial {trial.number}: validation loss {outcome.loss:.4f}, {chosen}")


def in_process(measure: Callable[[HyperParameters], Outcome]) -> Submit:
    """Return a function that measures in this process, one trial after another."""

    def submit(chosen: HyperParameters) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        future.set_result(measure(chosen))
        return future

    return submit


def suggest(trial: optuna.Trial, preset: Preset) -> HyperParameters:
    """Choose the next hyper-parameters around a preset."""
    rate = preset.optimizer.learning_rate
    return HyperParameters(
        learning_rate=trial.suggest_float(
            "learning_rate", rate / LEARNING_RATE_FACTOR, rate * LEARNING_RATE_FACTOR, log=True
        ),
        width=trial.suggest_categorical("width", WIDTHS),
        dropout=trial.suggest_float("dropout", 0.0, LARGEST_DROPOUT),
        augmented=trial.suggest_float("augmented", 0.0, 1.0),
    )


def rows(study: optuna.Study) -> list[dict[str, Any]]:
    """Return the hyper-parameters and the outcome of every complete trial, the best first."""
    return [{"trial": trial.number, **trial.params, **trial.user_attrs} for trial in complete(study)]
