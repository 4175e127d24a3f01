"""Living the story of Huaxin through the real verbs, day by day."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from operator import itemgetter
from zoneinfo import ZoneInfo

from crm.accounts.models import Member
from crm.demo.huaxin import (
    accounts,
    acquaint,
    attention,
    closings,
    contested,
    disputed,
    divided,
    evaluation,
    planning,
)
from crm.demo.huaxin.customers import stories
from crm.demo.huaxin.files import came_in_files, files
from crm.demo.huaxin.filings import filings
from crm.demo.huaxin.people import Company
from crm.demo.huaxin.story import Life, Receipt, Signing, Talk, live
from crm.demo.huaxin.turns import Cast, turns
from crm.periods import add_months
from customers import cash, contacts, contracts, interactions, registry, tagging
from customers.models import Contract, Customer, Usage

SHANGHAI = ZoneInfo("Asia/Shanghai")
VAT = Decimal("0.06")
BOOK_RATES = {"CNY": Decimal(1), "USD": Decimal("7.12")}
Act = Callable[[date, datetime], object]


@dataclass
class Player:
    """Who acts, and what has come into being so far."""

    company: Company
    customers: dict[str, Customer] = field(default_factory=dict)
    signed: dict[str, Contract] = field(default_factory=dict)
    last_contract: dict[str, Contract] = field(default_factory=dict)

    def owner(self, life: Life) -> Member:
        return self.company.people[life.story.owner]

    def register(self, life: Life, on: date, at: datetime) -> None:
        story, owner = life.story, self.owner(life)
        self.customers[life.code] = registry.register(
            name=story.name,
            code=life.code,
            by=owner,
            at=at,
            on=on,
            developer=owner,
            line=story.line,
            province=story.province,
            city=story.city,
            industry=story.industry,
            source="展会" if int(life.code[3:]) % 3 else "转介绍",
            credit_code=acquaint.credit_code(story),
        )
        for place, person in enumerate(acquaint.people(life.code, story)):
            contacts.add(
                self.customers[life.code], **asdict(person), is_primary=not place, by=owner, at=at, on=on
            )
        if story.tag:
            tagging.put_on([self.customers[life.code]], name=story.tag, by=owner, at=at, on=on)

    def sign(self, life: Life, signing: Signing, on: date, at: datetime) -> None:
        owner, story = self.owner(life), life.story
        terms = contracts.Terms(
            number=signing.number,
            title=f"{story.line}服务合同",
            line=story.line,
            gross=signing.gross,
            vat_rate=VAT,
            currency=story.currency,
            book_rate=BOOK_RATES[story.currency],
            signed_on=on,
            starts_on=signing.starts_on,
            ends_on=signing.ends_on,
            renewal_of=self.last_contract.get(life.code),
        )
        self.signed[signing.number] = self.last_contract[life.code] = contracts.sign(
            self.customers[life.code],
            terms=terms,
            shares=self._shares(life),
            instalments=[contracts.Instalment(*part) for part in signing.instalments],
            by=owner,
            at=at,
            on=on,
        )
        divided.agree(self.signed[signing.number], self.company.people, on, at)

    def spend(self, life: Life, signing: Signing, on: date, at: datetime) -> None:
        for number, (category, amount) in enumerate(signing.expenses, 1):
            cash.book_expense(
                self.signed[signing.number],
                number=f"{signing.number}-E{number}",
                category=category,
                amount=amount,
                incurred_on=on,
                by=self.owner(life),
                at=at,
                on=on,
            )

    def _shares(self, life: Life) -> list[contracts.Share]:
        owner, partner = self.owner(life), self.company.people.get(life.story.partner)
        if partner is None:
            return [contracts.Share(owner, 10_000)]
        return [contracts.Share(owner, 7_000), contracts.Share(partner, 3_000)]

    def receive(self, receipt: Receipt, on: date, at: datetime) -> None:
        cash.receive(
            self.signed[receipt.contract],
            number=receipt.number,
            amount=receipt.amount,
            received_on=on,
            by=self.company.people["qian"],
            at=at,
            on=on,
        )

    def talk(self, life: Life, talk: Talk, on: date, at: datetime) -> None:
        customer = Customer.objects.select_related("owner").get(pk=self.customers[life.code].pk)
        interactions.log(
            customer,
            kind=talk.kind,
            note=talk.note,
            happened_on=on,
            is_effective=talk.is_effective,
            next_on=talk.next_on,
            next_note=talk.next_note,
            by=customer.owner or self.owner(life),
            at=at,
            on=on,
        )

    def acts(self, life: Life, today: date) -> Iterator[tuple[date, int, Act]]:
        """What is entered as it happens with one customer: day, order within the day, act."""
        yield life.registered_on, 0, lambda on, at: self.register(life, on, at)
        for signing in life.signings:
            yield signing.day, 1, partial(self.sign, life, signing)
            if signing.expenses and not came_in_files(signing.day, today):
                yield signing.day, 1, partial(self.spend, life, signing)
        for receipt in life.receipts:
            if not came_in_files(receipt.day, today):
                yield receipt.day, 2, partial(self.receive, receipt)
        for talk in life.talks:
            if not came_in_files(talk.day, today):
                yield talk.day, 3, partial(self.talk, life, talk)


def nights(today: date) -> set[date]:
    """The nights that were: monthly in the past, daily in the last week."""
    monthly = {add_months(today.replace(day=1), -months) for months in range(36)}
    return monthly | {today - timedelta(days) for days in range(7)}


def moment(on: date, hour: int = 10) -> datetime:
    """A time of the working day in Shanghai."""
    return datetime.combine(on, time(hour), SHANGHAI)


def play(
    company: Company,
    *,
    today: date,
    scale: int,
    night: Callable[[date, datetime], object],
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Sequence[Life]:
    """Live everything until `today`, with `night` at the begin of the days it is due."""
    player = Player(company)
    lives = [live(number, story, today) for number, story in enumerate(stories(scale), 1)]
    acts: list[tuple[date, int, Act]] = [act for life in lives for act in player.acts(life, today)]
    cast = Cast(company.people, player.customers, player.last_contract)
    acts += files(company.people, lives, today)
    acts += turns(cast, lives, today)
    acts += contested.acts(cast, lives, today)
    acts += divided.acts(cast, lives, today)
    acts += attention.acts(cast, lives, today)
    acts += evaluation.acts(cast, today)
    acts += filings(company.people, today)
    acts += closings.acts(company.people, today)
    acts += planning.acts(company.people, today)
    acts += disputed.acts(company.people, today)
    acts += accounts.acts(company.people, today)
    acts += _usage(player, lives)
    acts += [(on, -1, lambda on, at: night(on, at)) for on in nights(today)]
    acts = sorted(((day, order, act) for day, order, act in acts if day <= today), key=itemgetter(0, 1))
    for number, (day, order, act) in enumerate(acts):
        act(day, moment(day, 2 if order < 0 else 9 + order))
        if number % 200 == 0:
            progress(number, len(acts))
    return lives


def _usage(player: Player, lives: Sequence[Life]) -> Iterator[tuple[date, int, Act]]:
    """What the customers used of the service, day by day, for all of them at once."""
    days: dict[date, list[tuple[str, Decimal]]] = defaultdict(list)
    for life in lives:
        for day, value in life.usage:
            days[day].append((life.code, value))
    for day, values in days.items():
        yield day, 6, partial(_use, player, values)


def _use(player: Player, values: Sequence[tuple[str, Decimal]], on: date, at: datetime) -> None:
    Usage.objects.bulk_create(
        Usage(customer=player.customers[code], day=on, measure="登录", value=value) for code, value in values
    )
