"""Components with a body: `{% card "Title" %}…{% endcard %}`; their templates receive it as `content`."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


def _draw(name: str, content: str, **values) -> SafeString:
    return render_to_string(f"components/{name}.html", {"content": content} | values)


@register.simple_block_tag
def card(content, title="", icon="", aside="", href="", link="", id="", wide="", level=2):
    """A bordered part of a page; `aside` is a quiet remark, `href` and `link` one link at its top right."""
    return _draw("card", **locals())


@register.simple_block_tag
def fact(content, label, note="", tone="", why=""):
    """One cell of `<dl class="facts">`."""
    return _draw("fact", **locals())


@register.simple_block_tag
def entry(content, title, meta="", at="", datetime="", icon="message", tone=""):
    """One event of `<ol class="timeline">`."""
    return _draw("entry", **locals())


@register.simple_block_tag
def menu(content, id, label, icon="", caret=True, kind="", unseen=False):
    """A button and the list it opens: links and buttons, each a line."""
    return _draw("menu", **locals())


@register.simple_block_tag
def dialog(content, id, title, note="", open=False):
    """A modal; a button with data-dialog="ID" opens it, one with data-close leaves it."""
    return _draw("dialog", **locals())


@register.simple_block_tag(takes_context=True)
def bulk_bar(context, content, total):
    """Acts on the picked rows of the list around it; shown as soon as one is picked, without JavaScript."""
    return _draw("bulk_bar", content, total=total, csrf_token=context.get("csrf_token"))


@register.simple_block_tag
def grid(content, columns, caption, id="rows", select=False, target="", dense=False):
    """A table that becomes two-column cards on phones; rows are the content.

    Cards are CSS grids, which strips the table's meaning from some readers: roles are written here, once.
    """
    roles = {
        "<tr": '<tr role="row"',
        "<td": '<td role="cell"',
        '<th scope="row"': '<th scope="row" role="rowheader"',
    }
    for plain, full in roles.items():
        content = content.replace(plain, full)
    return _draw("grid", **(locals() | {"content": mark_safe(content)}))
