"""The published files of `maven` as rows for the importer, all dates moved by one constant."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from crm.periods import add_months

FOLDER = Path(__file__).parent
PRODUCTS = {"GTXPro": "GTX Pro"}  # the pipeline's spelling → the price list's
Row = dict[str, str]


def _read(name: str) -> list[Row]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Maven:
    """The company as on `last_day`, the day its last opportunity falls on."""

    last_day: date

    @cached_property
    def deals(self) -> list[Row]:
        """Opportunities of a known account, with dates moved; won ones by close date."""
        deals = [row for row in _read("sales_pipeline") if row["account"]]
        shift = self.last_day - max(date.fromisoformat(d["close_date"]) for d in deals if d["close_date"])
        for deal in deals:
            deal["product"] = PRODUCTS.get(deal["product"], deal["product"])
            for column in ("engage_date", "close_date"):
                deal[column] = _moved(deal[column], shift)
        return sorted(deals, key=lambda d: (d["close_date"] or d["engage_date"], d["opportunity_id"]))

    @cached_property
    def won(self) -> list[Row]:
        return [deal for deal in self.deals if deal["deal_stage"] == "Won"]

    @cached_property
    def first_seller(self) -> dict[str, str]:
        """Account → the agent of its first won deal: who develops a customer manages it."""
        sellers: dict[str, str] = {}
        for deal in self.won:
            sellers.setdefault(deal["account"], deal["sales_agent"])
        return sellers

    def departments(self) -> Iterator[Row]:
        teams = _read("sales_teams")
        for office in sorted({team["regional_office"] for team in teams}):
            yield {"code": office, "name": f"{office} office", "parent": "HQ", "kind": "SALES_DEPT"}
        for manager, office in sorted({(t["manager"], t["regional_office"]) for t in teams}):
            yield {"code": _code(manager), "name": f"Team {manager}", "parent": office, "kind": "SALES_DEPT"}

    def members(self) -> Iterator[Row]:
        teams = _read("sales_teams")
        for manager in sorted({team["manager"] for team in teams}):
            yield {
                "code": _code(manager),
                "name": manager,
                "department": _code(manager),
                "roles": "DEPT_HEAD, SALES",
                "email": _mail(manager),
            }
        for team in teams:
            yield {
                "code": _code(team["sales_agent"]),
                "name": team["sales_agent"],
                "department": _code(team["manager"]),
                "roles": "SALES",
                "email": _mail(team["sales_agent"]),
            }

    def customers(self) -> Iterator[Row]:
        first_day = min(d["engage_date"] for d in self.deals if d["engage_date"])
        for account in sorted(_read("accounts"), key=lambda a: bool(a["subsidiary_of"])):
            yield {
                "code": _code(account["account"]),
                "name": account["account"],
                "industry": account["sector"],
                "province": account["office_location"],
                "parent": account["subsidiary_of"],
                "owner": self.first_seller[account["account"]],
                "developer": self.first_seller[account["account"]],
                "registered_on": first_day,
            }

    def contracts(self) -> Iterator[Row]:
        for deal in self.won:
            start = date.fromisoformat(deal["close_date"])
            yield {
                "number": deal["opportunity_id"],
                "customer": deal["account"],
                "line": deal["product"],
                "title": deal["product"],
                "gross": deal["close_value"],
                "currency": "USD",
                "signed_on": deal["close_date"],
                "starts_on": deal["close_date"],
                "ends_on": add_months(start, 12).isoformat(),
                "signed_by": deal["sales_agent"],
                "splits": f"{deal['sales_agent']} 100",
                "entered_on": deal["close_date"],
            }

    def payments(self) -> Iterator[Row]:
        for deal in self.won:
            yield {
                "number": f"P-{deal['opportunity_id']}",
                "contract": deal["opportunity_id"],
                "amount": deal["close_value"],
                "currency": "USD",
                "received_on": deal["close_date"],
                "entered_on": deal["close_date"],
            }

    def interactions(self) -> Iterator[Row]:
        for deal in self.deals:
            day = deal["close_date"] or deal["engage_date"]
            if day:
                yield {
                    "number": deal["opportunity_id"],
                    "customer": deal["account"],
                    "at": day,
                    "kind": "MEETING",
                    "member": deal["sales_agent"],
                    "note": f"{deal['deal_stage']}: {deal['product']}",
                }


def _moved(day: str, shift: timedelta) -> str:
    return (date.fromisoformat(day) + shift).isoformat() if day else ""


def _code(name: str) -> str:
    return name.replace(" ", "")


def _mail(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@maven.example"
