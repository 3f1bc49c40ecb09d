"""The configuration: one YAML file, checked as a whole before anything starts.

`load` returns it or raises `ConfigError`, which carries every problem with its line.
"""

from monitor.config.loading import check_text, load
from monitor.config.model import Config, default_config_path
from monitor.config.problems import ConfigError, Problem
from monitor.config.schema import schema

__all__ = [
    "Config",
    "ConfigError",
    "Problem",
    "check_text",
    "default_config_path",
    "load",
    "schema",
]
