"""The digit service. `create_app()` is its table of contents; nothing happens at import."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from service.config import Config
    from service.shared import Shared


def create_app(config: Config | None = None, shared: Shared | None = None) -> Flask:
    """Load the model and put the routes together.

    Args:
        config: None: from the environment.
        shared: None: with nobody.

    Raises:
        ConfigError: a setting is unknown or has a bad value.
        ArtifactError: the model must not be served.
    """
    from flask import Flask

    from models.registry.corrections import Corrections
    from models.registry.store import Store
    from service.access.api_keys import Keys
    from service.access.client_address import Senders
    from service.access.redis_rate_limit import RedisRates
    from service.config import Config
    from service.inference.canary import Canary, CanaryFollower
    from service.inference.predictor import Predictor
    from service.inference.reloader import Follower
    from service.observability.access_log import Journal
    from service.observability.metrics import Metrics
    from service.observability.tracing import Traces
    from service.shared import Shared
    from service.web import corrections, hooks, open_inference, operations, pages, prediction, tensorflow_serving

    config = config or Config.from_environment()
    store = Store(config.models)
    shared = shared or Shared()
    journal = None if config.log == "quiet" else Journal(config.log)
    metrics = Metrics(shared.counters, shared.slot, journal)
    follower = Follower(store, config, metrics, shared.last_good)
    predictor = Predictor(follower.first(), metrics)

    canary = Canary(predictor, config, metrics)
    wanted = config.canary_share or config.shadow_share

    app = Flask(__name__, template_folder="web/templates", static_folder="web/static")
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the examples in /docs keep their order
    app.extensions["predictor"] = predictor
    app.extensions["follower"] = follower
    app.extensions["canary"] = canary
    app.extensions["canary_follower"] = CanaryFollower(canary, store, config, metrics) if wanted else None
    app.extensions["metrics"] = metrics
    redis_rates = RedisRates(config.redis_url, shared.key_rates) if config.redis_url else None
    app.extensions["redis_rates"] = redis_rates
    keys = Keys(config.keys, redis_rates or shared.key_rates) if config.keys else None
    app.extensions["keys"] = keys
    traces = Traces(config.traces) if config.traces else None
    app.extensions["traces"] = traces
    hooks.install(app, metrics, keys, traces)
    app.register_blueprint(prediction.routes(canary, config, metrics))
    app.register_blueprint(operations.routes(predictor, store, follower, metrics))
    app.register_blueprint(open_inference.routes(predictor, store, metrics))
    app.register_blueprint(tensorflow_serving.routes(predictor, config))
    app.register_blueprint(corrections.routes(Corrections(config.database_url), config, Senders(shared.sender_rates)))
    app.register_blueprint(pages.routes())
    return app
