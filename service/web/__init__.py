"""Flask: the blueprints, the page, and what every request meets on its way in and out."""
