"""The customers of Huaxin as data: who they are, and how the relation went."""

from dataclasses import dataclass
from enum import Enum


class Course(Enum):
    """How a relation went over three years."""

    STEADY = "renews at about the same amount, pays in time"
    GROWING = "renews for more each year"
    SHRINKING = "renews for less each year"
    LATE_PAYER = "renews, but pays weeks after the date"
    SILENT = "renewed, then nobody spoke with them for months"
    CHURNED = "did not renew, more than 90 days ago"
    OVERDUE = "ended weeks ago and has not signed again"
    LATE = "renewed six weeks after the end"
    WON_BACK = "left, and came back five months later"
    LONG = "one contract over three years"
    FADING = "uses less and less of the service"
    LEAVING = "renewed for half, stopped paying, and nobody spoke with them for months"
    CANCELLED = "cancelled its contract half-way, and was given money back"
    PROSPECT = "talked to, never signed"
    LEAD = "registered, never reached"


@dataclass(frozen=True)
class Story:
    """One customer: `amount` is its first yearly amount in 元, `anniversary` the days until its term ends."""

    name: str
    province: str
    city: str
    industry: str
    owner: str
    course: Course
    amount: int = 0
    anniversary: int = 0
    partner: str = ""  # who shares the contract, 30 %
    line: str = "维保"
    currency: str = "CNY"  # of its contracts; `amount` is in it
    tag: str = ""


_C = Course
WRITTEN = (
    Story(
        "宁波海晟石化装备股份有限公司",
        "浙江",
        "宁波",
        "石化装备",
        "wu",
        _C.GROWING,
        1_560_000,
        340,
        tag="战略客户",
    ),
    Story(
        "上海华信精密仪器有限公司",
        "上海",
        "上海",
        "精密仪器",
        "li",
        _C.STEADY,
        620_000,
        57,
        "zhou",
        tag="重点行业",
    ),
    Story("无锡铭阳半导体材料有限公司", "江苏", "无锡", "半导体材料", "suny", _C.LEAVING, 996_000, 26),
    Story(
        "杭州云栖数据中心运营有限公司",
        "浙江",
        "杭州",
        "数据中心",
        "zhaop",
        _C.GROWING,
        540_000,
        318,
        tag="重点行业",
    ),
    Story("南京金陵医疗影像中心", "江苏", "南京", "医疗", "zhaop", _C.STEADY, 558_000, 200),
    Story("苏州凯斯勒传动技术有限公司", "江苏", "苏州", "传动设备", "li", _C.LATE_PAYER, 1_265_000, 285),
    Story("合肥创衡智能制造有限公司", "安徽", "合肥", "智能制造", "zhou", _C.STEADY, 432_800, 38),
    Story("常州润泽新能源科技有限公司", "江苏", "常州", "新能源", "wu", _C.FADING, 395_000, 41),
    Story("温州瓯江港务有限公司", "浙江", "温州", "港口", "chen", _C.STEADY, 368_000, 250),
    Story("嘉兴联创电子股份有限公司", "浙江", "嘉兴", "电子", "li", _C.STEADY, 318_000, 350, tag="重点行业"),
    Story("徐州重装工程机械有限公司", "江苏", "徐州", "工程机械", "zhou", _C.LEAVING, 286_000, 55),
    Story("绍兴越瓷文化传播有限公司", "浙江", "绍兴", "文化", "li", _C.SILENT, 214_500, 25),
    Story("台州远航泵业有限公司", "浙江", "台州", "泵阀", "suny", _C.LATE, 198_000, 230),
    Story("芜湖江汽零部件有限公司", "安徽", "芜湖", "汽车零部件", "wu", _C.SHRINKING, 290_000, 330),
    Story("扬州运河文旅集团有限公司", "江苏", "扬州", "文旅", "zhaop", _C.OVERDUE, 152_000, -32),
    Story("金华义乌小商品供应链有限公司", "浙江", "金华", "供应链", "chen", _C.STEADY, 148_000, 82),
    Story("蚌埠玻璃新材料研究院", "安徽", "蚌埠", "新材料", "zhou", _C.SILENT, 524_000, 18),
    Story("温岭精锻机械有限公司", "浙江", "温岭", "机械", "zhou", _C.LATE_PAYER, 192_000, 120),
    Story(
        "北京中科衡远信息技术有限公司", "北京", "北京", "信息技术", "liuy", _C.GROWING, 720_000, 335, "tang"
    ),
    Story("唐山钢联设备检修有限公司", "河北", "唐山", "冶金", "tang", _C.LEAVING, 420_000, 33),
    Story("天津港汇物流有限公司", "天津", "天津", "物流", "tang", _C.STEADY, 480_000, 118),
    Story("石家庄常山制药设备有限公司", "河北", "石家庄", "制药设备", "liuy", _C.WON_BACK, 236_000, 205),
    Story("青岛海晏船舶重工有限公司", "山东", "青岛", "船舶", "ma", _C.LONG, 2_400_000, 160),
    Story("济南泉城水务集团有限公司", "山东", "济南", "水务", "tang", _C.STEADY, 1_080_000, 74),
    Story("烟台蓝海冷链有限公司", "山东", "烟台", "冷链", "liuy", _C.CHURNED, 168_000, -210),
    Story("广州南沙汽车电子有限公司", "广东", "广州", "汽车电子", "lin", _C.GROWING, 640_000, 322),
    Story(
        "香港启德精密仪器有限公司", "广东", "深圳", "精密仪器", "guo", _C.STEADY, 96_000, 265, currency="USD"
    ),
    Story("深圳湾科创园运营有限公司", "广东", "深圳", "园区", "guo", _C.LATE_PAYER, 505_000, 64),
    Story("佛山陶联智能装备有限公司", "广东", "佛山", "智能装备", "lin", _C.LEAVING, 460_000, 47),
    Story("东莞精创模具有限公司", "广东", "东莞", "模具", "guo", _C.CANCELLED, 96_000, 150),
    Story("厦门鹭岛航空维修有限公司", "福建", "厦门", "航空维修", "huang", _C.LONG, 900_000, 300),
    Story("长沙岳麓医疗器械有限公司", "湖南", "长沙", "医疗器械", "lin", _C.FADING, 175_000, 84),
)

CITIES = (
    ("上海", "上海", ("li", "zhou", "zhaop")),
    ("江苏", "苏州", ("zhou", "li")),
    ("江苏", "南通", ("zhaop", "zhou")),
    ("浙江", "杭州", ("li", "zhaop")),
    ("浙江", "宁波", ("wu", "suny")),
    ("安徽", "合肥", ("zhou", "li")),
    ("北京", "北京", ("liuy", "tang")),
    ("天津", "天津", ("tang", "liuy")),
    ("山东", "青岛", ("ma", "liuy")),
    ("广东", "深圳", ("guo", "lin")),
    ("广东", "广州", ("lin", "huang")),
    ("福建", "福州", ("huang", "guo")),
)
BRANDS = ("恒泰", "明远", "瑞丰", "天成", "博雅", "中联", "华诚", "新锐", "德润", "嘉和")
TRADES = ("机电设备", "环保科技", "医疗科技", "自动化", "新材料", "电气", "检测技术", "食品", "化工", "仪表")
COURSES = (
    _C.STEADY,
    _C.STEADY,
    _C.GROWING,
    _C.STEADY,
    _C.LATE_PAYER,
    _C.PROSPECT,
    _C.STEADY,
    _C.SILENT,
    _C.GROWING,
    _C.LEAD,
    _C.STEADY,
    _C.CHURNED,
    _C.FADING,
    _C.STEADY,
    _C.PROSPECT,
    _C.SHRINKING,
)


def stories(scale: int = 1) -> list[Story]:
    """The written customers and, round them, as many ordinary ones as `scale` asks (60 each)."""
    return [*WRITTEN, *(_ordinary(number) for number in range(60 * scale))]


def _ordinary(number: int) -> Story:
    province, city, owners = CITIES[number % len(CITIES)]
    # A city is no part of a name's key (查重), so brand and trade alone must differ.
    brand, trade = BRANDS[number % len(BRANDS)], TRADES[(number + number // len(BRANDS)) % len(TRADES)]
    series = number // (len(BRANDS) * len(TRADES))
    name = f"{city}{brand}{trade}{series or ''}有限公司"
    course = COURSES[number % len(COURSES)]
    amount = 28_000 + number * 7_919 % 31 * 6_500
    ended = course in (_C.CHURNED, _C.OVERDUE)
    return Story(
        name,
        province,
        city,
        trade,
        owners[number % len(owners)],
        course,
        amount,
        -(120 + number * 13 % 200) if ended else 5 + number * 37 % 350,
    )
