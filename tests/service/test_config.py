"""Settings from the environment."""

import pytest

from service.config import Config
from service.errors import ConfigError


def test_settings_are_read_from_the_environment():
    environment = {
        "HOST": "0.0.0.0",
        "PORT": "9000",
        "WORKERS": "3",
        "DIGITS_MODELS": "elsewhere",
        "DIGITS_VERSION": "canary",
        "DIGITS_MAX_BYTES": "2048",
        "DIGITS_MAX_PIXELS": "1000",
        "DIGITS_MAX_ITEMS": "5",
    }
    config = Config.from_environment(environment)
    assert (config.host, config.port, config.workers) == ("0.0.0.0", 9000, 3)
    assert (str(config.models), config.version) == ("elsewhere", "canary")
    assert (config.max_bytes, config.max_pixels, config.max_items) == (2048, 1000, 5)


def test_an_empty_variable_leaves_the_default():
    assert Config.from_environment({"PORT": "", "DIGITS_VERSION": " "}) == Config()


@pytest.mark.parametrize("value", ["0", "-1", "65536", "80a", "1.5", "٣", "9" * 30, "1e3"])
def test_a_bad_port_is_refused_by_name(value):
    with pytest.raises(ConfigError, match=r"PORT: must be a whole number from 1 to 65535"):
        Config.from_environment({"PORT": value})


def test_an_unknown_setting_is_refused_with_the_known_ones():
    with pytest.raises(
        ConfigError, match=r"DIGITS_MAX_BITES: no such setting; there are DIGITS_CANARY_SHARE, DIGITS_DATABASE_URL"
    ):
        Config.from_environment({"DIGITS_MAX_BITES": "1"})


def test_the_settings_of_training_are_ignored():
    assert Config.from_environment({"DIGITS_CACHE": "x", "DIGITS_EXTRA_DATA": "y"}) == Config()


def test_a_database_of_another_kind_is_refused_without_showing_its_password():
    with pytest.raises(ConfigError, match=r"DIGITS_DATABASE_URL: must begin with sqlite:/// or postgresql://$"):
        Config.from_environment({"DIGITS_DATABASE_URL": "mysql://me:secret@host/name"})


def test_names_and_networks_are_lists():
    environment = {
        "DIGITS_HOSTS": "Digits.example, *.lab",
        "DIGITS_TRUSTED_PROXIES": "10.0.0.7, 172.30.0.0/24,fd00::/8",
    }
    config = Config.from_environment(environment)
    assert config.hosts == ("digits.example", "*.lab")
    assert [str(network) for network in config.trusted_proxies] == ["10.0.0.7/32", "172.30.0.0/24", "fd00::/8"]


@pytest.mark.parametrize("value", ["http://a", "a:80", "a,,b", "*", "a..b", "[::1]"])
def test_a_bad_name_is_refused(value):
    with pytest.raises(ConfigError, match=r"DIGITS_HOSTS: must be names such as digits.example"):
        Config.from_environment({"DIGITS_HOSTS": value})


@pytest.mark.parametrize("value", ["proxy", "10.0.0.7/8", "10.0.0.0/33", "10.0.0.7,", "*"])
def test_a_bad_network_is_refused(value):
    with pytest.raises(ConfigError, match=r"DIGITS_TRUSTED_PROXIES: must be addresses or networks such as .+; .+"):
        Config.from_environment({"DIGITS_TRUSTED_PROXIES": value})


def test_origins_are_written_as_browsers_write_them():
    given = "https://Site.example, http://localhost:5173,https://a.example:443,http://[::1]:8080,http://b:80"
    assert Config.from_environment({"DIGITS_ORIGINS": given}).origins == (
        "https://site.example", "http://localhost:5173", "https://a.example", "http://[::1]:8080", "http://b",
    )  # fmt: skip


@pytest.mark.parametrize(
    "value", ["*", "null", "site.example", "https://a/", "https://a/page", "https://*.a", "https://a,,"]
)
def test_a_bad_origin_is_refused(value):
    with pytest.raises(ConfigError, match=r"DIGITS_ORIGINS: must be origins such as https://site.example:8443, not '"):
        Config.from_environment({"DIGITS_ORIGINS": value})
