"""The digit service. `create_app()` is its table of contents; nothing happens at import."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from service.config import Config


def create_app(config: Config | None = None) -> Flask:
    """Load the model and put the routes together.

    Args:
        config: None: from the environment.

    Raises:
        ConfigError: a setting is unknown or has a bad value.
        ArtifactError: the model must not be served.
    """
    from flask import Flask

    from models import artifact
    from models.store import Store
    from service.config import Config
    from service.predictor import Predictor
    from service.routes import edges, operations, pages, prediction

    config = config or Config.from_environment()
    store = Store(config.models)
    predictor = Predictor(artifact.load(store.resolve(config.version), config.precision))

    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the examples in /docs keep their order
    app.extensions["predictor"] = predictor
    edges.install(app)
    app.register_blueprint(prediction.routes(predictor, config))
    app.register_blueprint(operations.routes(predictor, store))
    app.register_blueprint(pages.routes())
    return app
