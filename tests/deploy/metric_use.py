"""The metrics that alert rules and the dashboard use, and the list of those that are served."""

import json
import re

RULES = "deploy/prometheus/ccplace.rules.yml"
DASHBOARD = "deploy/grafana/ccplace.json"
NAMES = "tests/deploy/metric_names.txt"
SYNC = "ccplace_sync_"


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def listed():
    """The names of the list."""
    return {line for line in text_of(NAMES).split("\n") if line and line[0] != "#"}


def panel_expressions():
    """The dashboard's queries, from top to bottom."""
    return [target["expr"] for panel in json.loads(text_of(DASHBOARD))["panels"]
            for target in panel.get("targets", [])]


def expressions():
    """Every query of the alert rules and the dashboard."""
    return [*re.findall(r"expr: (\|\n(?: {10}.*\n)+|.*)", text_of(RULES)), *panel_expressions()]


def used():
    """The names of the metrics in these queries."""
    return {re.sub(r"_bucket$", "", name)
            for text in expressions() for name in re.findall(r"ccplace_\w+", text)}


def matchers():
    """{(metric, label, operator, value)} of these queries."""
    found = set()
    for text in expressions():
        for name, inside in re.findall(r"(ccplace_\w+)\{([^}]*)\}", text):
            for label, operator, value in re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', inside):
                found.add((re.sub(r"_bucket$", "", name), label, operator, value))
    return found
