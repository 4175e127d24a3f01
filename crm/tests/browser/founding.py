"""Two companies with the same small book and two that begin, made by the verbs in the database of a product.

Each language has its own: what one journey changes, the same journey in the other language finds untouched.
"""

from datetime import timedelta

from django.db import transaction

from commissions.tests import months
from crm.accounts import tenants
from crm.accounts.access import viewer_of
from crm.accounts.models import Member
from crm.demo.bringing import bring_in
from crm.periods import add_months
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.cast import PASSWORD, Company, company
from customers import contacts, interactions
from customers.models import Customer
from customers.pools import sea
from customers.receivables import credit
from lifecycle import followups

KNOWN = 12  # customers of the file of journey a that the beginning company has already
DUE = 12  # things 李娜 has to do today
WAITING = ("海曙机电有限公司", "江北模具有限公司", "镇海化工有限公司")  # in the pool
PURSUED = "灵桥汽配有限公司"  # 周毅's, whom 李娜 pursues too
HELPED = "慈溪轴承有限公司"  # 李娜's, with whom others help
MOVED = "象山船配有限公司"  # 李娜's, who goes from hand to hand
HANDED = ("余姚灯具有限公司", "奉化服装有限公司", "宁海文具有限公司")  # 孙悦's
COMPANIES = {"zh-hans": "yunheng", "en": "beihe"}  # where each language plays
PAYING = {"zh-hans": "mingda", "en": "qihang"}  # whose last month is closed
PAID = "99000.00"  # 李娜's contract of that month, of which she has a tenth
OWING = "北仑机械有限公司"  # 李娜's, whose third instalment of 155,000 is due
LATE = 20  # days since 甬江 should have paid


@transaction.atomic
def found() -> None:
    """Everything the journeys need, at once or not at all."""
    for slug, name in (("yunheng", "云衡商务"), ("beihe", "北禾商务")):
        made = company(slug, name)
        with tenant(made.tenant.id):
            _book(made)
    for slug, name in (("mingda", "明达商务"), ("qihang", "启航商务")):
        made = company(slug, name)
        with tenant(made.tenant.id):
            _closed_month(made)
    for slug, name in (("xinyuan", "新元商务"), ("chuxin", "初心商务")):
        _beginner(slug, name)


def _beginner(slug: str, name: str) -> None:
    """A company on its first day: an admin and twelve customers that somebody typed in."""
    today = morning.today()
    made = tenants.found(slug=slug, name=name, at=morning.noon(today), on=today)
    with tenant(made.id):
        admin = tenants.first_admin(
            name="安琪", email=f"an@{slug}.example", password=PASSWORD, at=morning.noon(today), on=today
        )
        for number in range(1, KNOWN + 1):
            morning.customer(admin, imported_name(number), on=today)


def imported_name(number: int) -> str:
    """The name of a row of the file of journey a."""
    return f"第{number:04d}号贸易有限公司"


def _book(made: Company) -> None:
    """华信 with 860,000 in force, 甬江 about to leave, and what is due today."""
    huaxin = morning.customer(made.li, "华信科技有限公司")
    begun = morning.day(-120)
    running = morning.sign(huaxin, "HT-华信-1", "860000", starts_on=begun, due=[begun])
    morning.receive(running, "860000", begun)
    _talks(huaxin, made.li, 90, 75, 60, 45, 30, 15)
    yongjiang = morning.customer(made.zhou, "甬江港务有限公司")
    due = [morning.day(-LATE)]
    ending = morning.sign(yongjiang, "HT-甬江-1", "120000", starts_on=morning.day(-345), due=due)
    at, on = morning.noon(morning.today()), morning.today()
    credit.agree(ending, credit_days=90, by=made.qian, at=at, on=on)  # late, but not dunned
    _talks(yongjiang, made.zhou, 115, 100, 85, 70, 55, 40)
    morning.accrue(running, ending)
    for number in range(1, DUE + 1):
        buyer = morning.customer(made.li, f"第{number}号新客户有限公司", on=morning.day(-20))
        _talks(buyer, made.li, 10)
        _due_today(buyer, made.li, f"回访 {number}")
    for name in WAITING:
        _waits(made, name)
    _prospects(made)
    _pays(made)


def _pays(made: Company) -> None:
    """465,000 in three parts, of which two came; and a line of the bank of last month that nobody knows."""
    begun, last = morning.day(-100), morning.today().replace(day=1) - timedelta(1)
    buyer = morning.customer(made.li, OWING)
    due = [begun, morning.day(-70), morning.day(-10)]
    signed = morning.sign(buyer, "HT-北仑-1", "465000", starts_on=begun, due=due)
    morning.receive(signed, "310000", begun)
    line = {"serial": "CMB-0001", "received_on": f"{last}", "payer": "王建国", "amount": "12800"}
    told = {"at": morning.noon(morning.today()), "on": morning.today()}
    bring_in("bank-lines", [line], name="bank.csv", by=viewer_of(made.qian), **told)


def _closed_month(made: Company) -> None:
    """Last month brought 李娜 commission, and is closed."""
    last = add_months(morning.today().replace(day=1), -1)
    months.earned(made, "HT-月结-1", PAID, last)
    months.bring(made, f"{last:%Y-%m}", morning.today())


def _prospects(made: Company) -> None:
    """Customers without a contract, spoken with ten days ago."""
    owned = {PURSUED: made.zhou, HELPED: made.li, MOVED: made.li} | dict.fromkeys(HANDED, made.sun)
    for name, owner in owned.items():
        _talks(morning.customer(owner, name, on=morning.day(-20)), owner, 10)


def _waits(made: Company, name: str) -> None:
    """A customer that 孙悦 gave back forty days ago, with a phone that nobody sees before he claims it."""
    day = morning.day(-40)
    told = {"by": made.sun, "at": morning.noon(day), "on": day}
    row = morning.customer(made.sun, name, province="浙江", city="宁波")
    contacts.add(row, name="王经理", phone="13812345678", **told)
    sea.give_back(row, reason="无需求", **told)


def _talks(customer: Customer, member: Member, *days_ago: int) -> None:
    for ago in days_ago:
        on = morning.day(-ago)
        told = {"by": member, "at": morning.noon(on), "on": on}
        interactions.log(customer, kind="CALL", note="服务情况良好。", happened_on=on, **told)


def _due_today(customer: Customer, member: Member, title: str) -> None:
    today = morning.today()
    told = {"by": member, "at": morning.noon(today), "on": today}
    followups.open(customer, title=title, due_on=today, **told)
