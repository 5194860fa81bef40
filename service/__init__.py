"""The digit service. `create_app()` is its table of contents; nothing happens at import."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctypes import c_int64

    from flask import Flask

    from service.config import Config


def create_app(config: Config | None = None, last_good: c_int64 | None = None) -> Flask:
    """Load the model and put the routes together.

    Args:
        config: None: from the environment.
        last_good: of the Follower.

    Raises:
        ConfigError: a setting is unknown or has a bad value.
        ArtifactError: the model must not be served.
    """
    from flask import Flask

    from models.store import Store
    from service.config import Config
    from service.follower import Follower
    from service.predictor import Predictor
    from service.routes import edges, operations, pages, prediction

    config = config or Config.from_environment()
    store = Store(config.models)
    follower = Follower(store, config, last_good)
    predictor = Predictor(follower.first())

    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the examples in /docs keep their order
    app.extensions["predictor"] = predictor
    app.extensions["follower"] = follower
    edges.install(app)
    app.register_blueprint(prediction.routes(predictor, config))
    app.register_blueprint(operations.routes(predictor, store, follower))
    app.register_blueprint(pages.routes())
    return app
