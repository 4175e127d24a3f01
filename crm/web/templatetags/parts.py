"""Components without a body: each is a template in templates/components/ whose first line shows the call."""

from decimal import Decimal

from django import template
from django.forms import BoundField, CheckboxInput, DateInput, RadioSelect, Textarea
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.web.templatetags.marks import icon as draw_icon

register = template.Library()


def _attributes(extra: dict) -> dict:
    """Keyword arguments as HTML attributes: hx_get → hx-get, True → bare, None, False and "" → absent."""
    return {
        key.rstrip("_").replace("_", "-"): value
        for key, value in extra.items()
        if value is not None and value is not False and value != ""
    }


@register.simple_tag
def button(label, icon="", kind="", small=False, href="", **extra) -> SafeString:
    """`{% button _("Save") icon="check" kind="primary" %}`; kinds primary, quiet, danger; href: a link."""
    classes = ["btn", kind and f"btn-{kind}", small and "btn-small", extra.pop("class_", "")]
    attributes = {"class": " ".join(filter(None, classes))} | _attributes(extra)
    if not href:
        attributes.setdefault("type", "button" if kind != "primary" else "submit")
    inside = format_html("{}<span>{}</span>", draw_icon(icon) if icon else "", label)
    return _element(href, attributes, inside)


@register.simple_tag
def icon_button(icon, label, href="", kind="quiet", **extra) -> SafeString:
    """`{% icon_button "x" _("Close") %}`: the label is read aloud and shown as a tooltip."""
    classes = f"btn btn-icon btn-{kind} {extra.pop('class_', '')}".strip()
    attributes = {"class": classes, "title": label} | _attributes(extra)
    if not href:
        attributes.setdefault("type", "button")
    return _element(href, attributes, format_html('{}<span class="unseen">{}</span>', draw_icon(icon), label))


def _element(href: str, attributes: dict, inside: SafeString) -> SafeString:
    if href:
        return format_html("<a{}>{}</a>", flatatt({"href": href} | attributes), inside)
    return format_html("<button{}>{}</button>", flatatt(attributes), inside)


@register.simple_tag
def pick(value, name, field="pick") -> SafeString:
    """`{% pick row.id row.name %}`: the checkbox of a row; Shift-click and X work on it."""
    return format_html(
        '<label class="pick"><input type="checkbox" name="{}" value="{}" id="{}-{}" form="bulk">'
        '<span class="unseen">{}</span></label>',
        field,
        value,
        field,
        value,
        _("Select %(name)s") % {"name": name},
    )


@register.simple_tag
def why(url, about) -> SafeString:
    """`{% why url _("the tier") %}`: opens the stored explanation; a plain link without JavaScript."""
    return format_html(
        '<a class="why" href="{}" data-why>{}<span class="unseen">{}</span></a>',
        url,
        draw_icon("help-circle"),
        _("Why? %(about)s") % {"about": about},
    )


@register.simple_tag
def bar(share, tone="c1", target=None) -> SafeString:
    """`{% bar row.done tone="c1" target=row.pace %}`: shares of one; the printed value stands beside it."""
    mark = ""
    if target is not None:
        mark = format_html('<rect class="target" x="{}%" width="2" y="-2" height="10"/>', _across(target))
    return format_html(
        '<svg class="meter" aria-hidden="true"><rect class="track" width="100%" height="6" rx="3"/>'
        '<rect class="tone-{}" width="{}%" height="6" rx="3"/>{}</svg>',
        tone,
        _across(share),
        mark,
    )


def _across(share) -> str:
    return f"{min(max(Decimal(share), Decimal(0)), Decimal(1)) * 100:.2f}".rstrip("0").rstrip(".")


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, kind="", wide=False, prefix="", suffix="", url="", text="", **extra):
    """One field of a form; kind is guessed from the widget: text, area, check, radios, date, money, combo."""
    kind = kind or _kind(bound)
    help_id, error_id = f"{bound.auto_id}_help", f"{bound.auto_id}_error"
    notes = ((help_id, bound.help_text), (error_id, bound.errors))
    attributes = {"aria-describedby": " ".join(name for name, note in notes if note)}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    if kind not in {"check", "radios"}:
        attributes["class"] = "box box-area" if kind == "area" else "box"
    return {
        "field": bound,
        "kind": kind,
        "wide": wide,
        "prefix": prefix,
        "suffix": suffix,
        "url": url,
        "text": text,
        "help_id": help_id,
        "error_id": error_id,
        "described": attributes["aria-describedby"],
        "attributes": _attributes(attributes | extra),
        "optional": not (bound.field.required or kind == "check" or getattr(bound.field, "one_of", False)),
    }


def _kind(bound: BoundField) -> str:
    for widget, kind in {
        RadioSelect: "radios",
        CheckboxInput: "check",
        DateInput: "date",
        Textarea: "area",
    }.items():
        if isinstance(bound.field.widget, widget):
            return kind
    return bound.field.widget.attrs.get("data-kind", "text")


@register.simple_tag
def control(bound: BoundField, kind: str, attributes: dict, text: str = "") -> SafeString:
    """The input of a field with its attributes; `components/field.html` calls it."""
    extra = {
        "date": {"autocomplete": "off", "inputmode": "text", "placeholder": "2026-11-20"},
        "money": {"autocomplete": "off", "inputmode": "text", "class": "box num"},
    }.get(kind, {})
    if kind != "combo":
        return bound.as_widget(attrs=extra | attributes)
    chosen = bound.value() or ""
    visible = {
        "role": "combobox",
        "aria-expanded": "false",
        "aria-autocomplete": "list",
        "autocomplete": "off",
    }
    visible |= {"type": "text", "id": bound.id_for_label, "name": f"{bound.html_name}_text", "value": text}
    visible |= {"aria-controls": f"{bound.auto_id}_list"} | attributes
    hidden = {"type": "hidden", "name": bound.html_name, "value": chosen}
    return format_html("<input{}><input{}>", flatatt(visible), flatatt(hidden))


@register.inclusion_tag("components/error_summary.html")
def error_summary(form):
    """`{% error_summary form %}`: links to every wrong field; takes focus when the page arrives."""
    wrong = [bound for bound in form if bound.errors] if form.is_bound else []
    general = form.non_field_errors() if form.is_bound else []
    return {"wrong": wrong, "general": general, "count": len(wrong) + len(general)}


@register.inclusion_tag("components/tabs.html")
def tabs(items, label, add_url=""):
    return {"items": items, "label": label, "add_url": add_url}


@register.inclusion_tag("components/segments.html")
def segments(items, label):
    return {"items": items, "label": label}


@register.inclusion_tag("components/chips.html")
def chips(items, add_url="", save_url="", target=""):
    return {"items": items, "add_url": add_url, "save_url": save_url, "target": target}


@register.inclusion_tag("components/crumbs.html")
def crumbs(items, place=None):
    return {"items": items, "place": place}


@register.inclusion_tag("components/pager.html")
def pager(page, target="", hints=True):
    return {"page": page, "target": target, "hints": hints}


@register.inclusion_tag("components/steps.html")
def steps(items, label):
    return {"items": items, "label": label}


@register.inclusion_tag("components/reasons.html")
def reasons(items, tone="amber"):
    return {"items": items, "tone": tone}


@register.inclusion_tag("components/tier_scale.html")
def tier_scale(tiers, position, label):
    return {"tiers": tiers, "position": _across(position), "label": label}


@register.inclusion_tag("components/todo.html")
def todo(item, on, csrf_token=""):
    return {"item": item, "on": on, "csrf_token": csrf_token}


@register.inclusion_tag("components/tile.html")
def tile(title, figure, share=None, target=None, tone="c1", note="", href="", why_url=""):
    number, unit = split_unit(str(figure))
    return locals()


@register.filter
def split_unit(text: str) -> tuple[str, str]:
    """`¥812.0 万` as number and unit, for a tile that shows the unit smaller."""
    number = text.rstrip("万亿%MB ")
    return number, text[len(number) :].strip()


@register.inclusion_tag("components/plot.html")
def plot(chart, level=2):
    return {"chart": chart, "level": level}


@register.inclusion_tag("components/job.html")
def job(progress, url):
    return {"job": progress, "url": url}


@register.inclusion_tag("components/empty.html")
def empty(text, action="", href="", icon=""):
    return {"text": text, "action": action, "href": href, "icon": icon}


@register.inclusion_tag("components/conflict.html")
def conflict(rows, who, at):
    return {"rows": rows, "who": who, "at": at}


@register.inclusion_tag("components/explanation.html")
def explanation(trace):
    return {"trace": trace}


@register.filter
def escaped_lines(lines) -> str:
    """Lines of a tooltip, kept apart by newlines inside one attribute."""
    return conditional_escape("\n".join(str(line) for line in lines))
