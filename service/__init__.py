"""The digit service. `create_app()` is its table of contents; nothing happens at import."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from service.services import Services


def create_app(services: Services | None = None) -> Flask:
    """Put the routes together.

    Args:
        services: the long-lived objects; None builds them from the environment.

    Raises:
        ConfigError: a setting is unknown or has a bad value.
        ArtifactError: the model must not be served.
    """
    from flask import Flask

    from service.services import Services
    from service.web import (
        corrections,
        health,
        hooks,
        open_inference_metadata,
        pages,
        prediction,
        tensorflow_serving_metadata,
        versions,
    )

    services = services or Services()
    app = Flask(__name__, template_folder="web/templates", static_folder="web/static")
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the examples in /docs keep their order
    app.url_map.converters["part"] = tensorflow_serving_metadata.Part
    hooks.install(app, services.observer, services.keys, services.origins)
    app.register_blueprint(prediction.routes(services.pipeline, services.config))
    app.register_blueprint(health.routes(services.health))
    app.register_blueprint(versions.routes(services.models, services.digits))
    app.register_blueprint(open_inference_metadata.routes(services.models, services.metrics.counters))
    app.register_blueprint(tensorflow_serving_metadata.routes(services.models))
    app.register_blueprint(
        corrections.routes(services.corrections, services.correction_rates, services.sandbox, services.config)
    )
    app.register_blueprint(pages.routes())
    return app
