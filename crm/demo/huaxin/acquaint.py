"""Who works at a customer of Huaxin, and its credit code: made up, well formed, the same every time."""

from dataclasses import dataclass
from random import Random

from crm.demo.huaxin.customers import Story
from customers import credit_codes

FAMILIES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = (
    "建国",
    "晓燕",
    "志强",
    "丽华",
    "伟",
    "敏",
    "国栋",
    "雪梅",
    "海涛",
    "文静",
    "永刚",
    "倩",
    "明",
    "秀兰",
)
TITLES = ("采购部经理", "设备科科长", "总经理", "行政主管", "财务主管", "生产部长")
PREFIXES = ("138", "139", "136", "158", "186", "189")
AREAS = {
    "上海": "310115",
    "江苏": "320505",
    "浙江": "330212",
    "安徽": "340104",
    "北京": "110108",
    "天津": "120116",
    "河北": "130203",
    "山东": "370212",
    "广东": "440305",
    "福建": "350206",
    "湖南": "430104",
}


@dataclass(frozen=True)
class Person:
    """A contact at a customer."""

    name: str
    title: str
    phone: str
    email: str


def people(code: str, story: Story) -> list[Person]:
    """One or two contacts, the first the main one."""
    chance = Random(f"people/{story.name}")
    titles = chance.sample(TITLES, 1 + chance.randint(0, 1))
    return [
        Person(
            chance.choice(FAMILIES) + chance.choice(GIVEN),
            title,
            chance.choice(PREFIXES) + f"{chance.randint(0, 99_999_999):08d}",
            f"{code.lower().replace('-', '')}.{place}@example.cn",
        )
        for place, title in enumerate(titles, 1)
    ]


def credit_code(story: Story) -> str:
    """A unified social credit code of its province whose check holds."""
    chance = Random(f"code/{story.name}")
    letters = "".join(chance.choice("0123456789ABCDEFGH") for _ in range(7))
    begin = f"91{AREAS[story.province]}MA{letters}"
    return next(begin + check for check in credit_codes.ALPHABET if credit_codes.check_holds(begin + check))
