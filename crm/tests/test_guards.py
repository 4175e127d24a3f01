"""What must hold for every file and every row of the house, whoever adds to it."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Task
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.template import Engine, Template
from django.template.base import Node
from django.template.defaulttags import URLNode
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.urls import NoReverseMatch, reverse

from crm.celery import app
from crm.events.names import NAMES
from crm.flows import FLOWS
from crm.tenancy.models import TenantModel
from crm.tenancy.tasks import TenantTask
from crm.tests import matrix
from crm.web.api.resource import Resource
from crm.web.api.scopes import views

ROOT = Path(settings.BASE_DIR)
APPS = ("crm", "customers", "tiers", "commissions", "lifecycle")


def sources(*, tests: bool = False) -> list[Path]:
    """Every Python file of the house, without migrations."""
    found = [path for name in APPS for path in (ROOT / name).rglob("*.py") if "migrations" not in path.parts]
    return sorted(path for path in found if tests or "tests" not in path.parts)


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


# Doors


def test_every_address_is_guarded() -> None:
    """By crm.web.access for pages, by a key for the API. The sign-in library guards its own."""
    doors = {name: getattr(pattern.callback, "guarded", None) for name, pattern in matrix.addresses()}
    assert {name for name, guard in doors.items() if guard is None} == set()
    assert {name for name, guard in doors.items() if name.startswith("api:") and guard != "key"} == {
        "api:schema",
        "api:docs",
    }
    assert {name for name, guard in doors.items() if guard == "anonymous"} <= matrix.OPEN.keys()


def test_every_action_of_a_resource_names_its_right_or_says_that_it_needs_none() -> None:
    silent = []
    for pattern, cls in views():
        if not issubclass(cls, Resource):
            continue
        for method, action in pattern.callback.actions.items():  # type: ignore[attr-defined]
            kind = "read" if method in {"get", "head"} else "write"
            if action not in cls.rights and kind not in cls.rights:
                silent.append(f"{cls.__name__}.{action}")
    assert silent == []


def test_every_resource_says_to_which_area_of_scopes_it_belongs() -> None:
    assert {cls.__name__ for _, cls in views() if not cls.area} == {"Me"}


# Rows

# Models without reach(): why nobody sees a row of them that he should not.
REACHED_OTHERWISE = {
    "accounts.Department": "who may see the team sees the whole tree",
    "accounts.Member": "who may see the team sees everybody in it",
    "commissions.AccrualState": "read by the night alone",
    "commissions.Commencement": "with which month commission begins, read by right, not by row",
    "commissions.DisputePolicy": "policies are read by right, not by row",
    "commissions.Period": "a month and its state, read by right, not by row",
    "commissions.PeriodReview": "who looked a month through, read with the month",
    "customers.AssignmentPolicy": "policies are read by right, not by row",
    "customers.AssignmentRule": "policies are read by right, not by row",
    "customers.Capability": "a property of a department",
    "customers.Counter": "a running number, read by the verb that takes it",
    "customers.SearchKey": "read by the search alone, which answers ids that a reach filters",
    "customers.Standing": "read through its customer",
    "customers.Tag": "a word; what wears it is reached through the customer",
    "customers.Territory": "a property of a department",
    "events.Event": "its right belongs to roles that see every customer; timelines start from a customer",
    "events.Pending": "read by the job that empties it",
    "integrations.ImportMapping": "columns of a file's header, no row of it",
    "customers.PoolPolicy": "policies are read by right, not by row",
    "lifecycle.NeglectPolicy": "policies are read by right, not by row",
    "customers.DunningPolicy": "policies are read by right, not by row",
    "lifecycle.RiskPolicy": "policies are read by right, not by row",
    "nightly.NightRun": "names a day and its state",
    "nightly.NightStep": "names a step and counts rows",
    "tiers.Review": "names a cycle and its days; its lines are reached through their customers",
    "tiers.RfmPolicy": "policies are read by right, not by row",
    "tiers.Strategy": "policies are read by right, not by row",
    "tiers.TierBand": "policies are read by right, not by row",
    "tiers.TierPolicy": "policies are read by right, not by row",
    "web.FirstAnswer": "read by its own caller only",
}


def test_every_table_of_tenants_says_whom_its_rows_reach() -> None:
    tables = [m for m in apps.get_models() if issubclass(m, TenantModel)]
    silent = {m._meta.label for m in tables if not hasattr(m, "reach")}
    assert silent - REACHED_OTHERWISE.keys() == set(), "give it reach(viewer), or a reason"
    assert REACHED_OTHERWISE.keys() & {m._meta.label for m in tables} <= silent


# Templates


def template_names() -> list[str]:
    return sorted(str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.html"))


def nodes(template: Template) -> Iterator[Node]:
    found = template.nodelist.get_nodes_by_type(Node)
    yield from found


@pytest.mark.parametrize("name", template_names())
def test_a_template_parses_and_leads_only_to_what_exists(name: str) -> None:
    engine: Engine = get_template(name).template.engine  # type: ignore[attr-defined]
    template = engine.get_template(name)
    missing = []
    for node in nodes(template):
        if (
            isinstance(node, URLNode)
            and isinstance(node.view_name.var, str)
            and not known(node.view_name.var)
        ):
            missing.append(node.view_name.var)
        literal = getattr(node, "template" if isinstance(node, IncludeNode) else "parent_name", None)
        if isinstance(node, IncludeNode | ExtendsNode) and isinstance(getattr(literal, "var", None), str):
            engine.get_template(literal.var)  # type: ignore[union-attr]
    assert missing == []


def known(name: str) -> bool:
    """Whether an address of this name exists, whatever it takes."""
    try:
        reverse(name)
    except NoReverseMatch as problem:
        return "not a valid view function or pattern name" not in str(problem) and "namespace" not in str(
            problem
        )
    return True


# Jobs

OF_NO_TENANT = {
    "crm.events.tasks.sweep": "looks through all tenants and opens each",
    "crm.nightly.tasks.start_due": "starts the night of each tenant whose time has come",
    "crm.nightly.tasks.run_night": "opens its tenant itself, a transaction for each step",
    "commissions.tasks.work_out_replay": "opens its tenant itself, a transaction for each step of progress",
    "crm.integrations.tasks.bring_in": "opens its tenant itself, a transaction for each chunk",
}


def test_every_job_belongs_to_a_tenant_or_says_why_not() -> None:
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    free = {name for name, task in ours.items() if not isinstance(task, TenantTask)}
    assert all(isinstance(task, Task) for task in ours.values())
    assert free - OF_NO_TENANT.keys() == set(), "let it be a TenantTask, or give a reason"


def test_everything_on_the_timetable_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= app.tasks.keys()


# Events


def recorded_names() -> dict[str, str]:
    """Every literal name of an event in the code, with the file that records it."""
    found = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "event"
            ):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found[first.value] = place(path)
    return found


def test_every_event_that_is_recorded_stands_in_the_list() -> None:
    assert {name: where for name, where in recorded_names().items() if name not in NAMES} == {}
    assert FLOWS.keys() - NAMES == set()


# Rooms

VAGUE = re.compile(r"(utils?|helpers?|services?|common|misc|shared|tools?|managers?|stuff)(_\w+)?")
TOP = {
    *APPS,
    *("templates", "static", "deploy"),
    *(
        "manage.py",
        "conftest.py",
        "pytest.ini",
        "pyproject.toml",
        "requirements.txt",
        "Makefile",
        "README.md",
    ),
    *(".ci", ".gitignore", "LICENSE"),
}
# What may be imported where: a door is recognised by what it needs.
ROOMS = {
    "rest_framework": r"\w+(/\w+)?/api/.*|crm/web/.*|\w+(/\w+)*/api\.py",
    "drf_spectacular": r"crm/web/.*|\w+(/\w+)*/api/.*",
    "celery": r"(\w+/)*tasks\.py|crm/celery\.py|crm/tenancy/tasks\.py|crm/(embedded|bench)/.*",
    "django.shortcuts": r"(\w+/)*views(/.*|\.py)|crm/web/.*|crm/integrations/.*",
    "django.forms": r"(\w+/)*(forms|filters|views)(/.*|\.py)|crm/web/.*|crm/integrations/.*",
    "allauth": r"crm/accounts/.*|crm/(web|demo|bench)/.*",
    "redis": r"crm/(web|integrations|embedded|bench)/.*|crm/settings\.py",
}


def test_every_file_stands_in_a_named_room() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert {name.split("/")[0] for name in listed.splitlines()} - TOP == set()
    vague = [
        place(p)
        for p in sources(tests=True)
        if any(VAGUE.fullmatch(part) for part in (*p.parts[-4:-1], p.stem))
    ]
    assert vague == []


def test_decisions_are_numbered_without_a_gap_or_a_double() -> None:
    pages = sorted((ROOT / "crm" / "decisions").glob("*.md"))
    assert [int(page.name[:3]) for page in pages] == [*range(1, len(pages) + 1)]
    unsaid = [p.name for p in pages if not re.match(rf"# ({p.name[:3]} )?\w", p.read_text())]
    assert unsaid == []


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_what_makes_a_door_is_imported_only_in_doors() -> None:
    wrong = [
        f"{place(path)} imports {name}"
        for path in sources()
        for name in imported(path)
        for library, rooms in ROOMS.items()
        if (name == library or name.startswith(f"{library}.")) and not re.fullmatch(rooms, place(path))
    ]
    assert wrong == []


def test_the_layers_hold() -> None:
    contracts = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert contracts.returncode == 0, contracts.stdout[-3000:]


# Habits that leak

FORBIDDEN = {
    r"fields\s*=\s*[\"']__all__[\"']": "name the fields: a new column must not appear by itself",
    r"\bcsrf_exempt\b": "only the API goes without, and its base sees to that",
    r"current_setting\([^)]*,\s*true\)": "an unset tenant must raise",
    r"[\"']\s*SET\s+(?!LOCAL|CONSTRAINTS)\w": "a session's SET leaks to the next borrower",
    r"SKIP LOCKED\s*\)": "IN (… LIMIT … SKIP LOCKED) locks every row",
    r"\|\s*safe\b|mark_safe\(.*request": "escape by template",
}


def test_no_habit_that_leaks() -> None:
    found = []
    for path in sources():
        text = path.read_text()
        for habit, reason in FORBIDDEN.items():
            if re.search(habit, text):
                found.append(f"{place(path)}: {reason}")
    assert found == []


def test_a_models_own_manager_is_never_taken_away() -> None:
    """Every table of tenants is read through the manager that filters by the tenant in scope."""
    tables: list[type[Model]] = [m for m in apps.get_models() if issubclass(m, TenantModel)]
    assert {m._meta.label for m in tables if m._meta.base_manager_name != "objects"} == set()
