// Popovers are placed beside their opener; "why?" fills one on first open; dialogs open and close.
const GAP = 6;
const EDGE = 8;
let opener = null;

function place(pop, from) {
  const anchor = from.getBoundingClientRect();
  const { innerWidth: width, innerHeight: height } = window;
  pop.classList.add("placed");
  const box = pop.getBoundingClientRect();
  const below = anchor.bottom + GAP;
  const top = below + box.height > height - EDGE ? Math.max(EDGE, anchor.top - GAP - box.height) : below;
  pop.style.left = `${Math.max(EDGE, Math.min(anchor.left, width - box.width - EDGE))}px`;
  pop.style.top = `${top}px`;
}

document.addEventListener("toggle", (event) => {
  const pop = event.target;
  if (!pop.popover || pop.id === "bar") return;
  const from = document.querySelector(`[popovertarget="${pop.id}"]`) || opener;
  if (event.newState === "open" && from) {
    place(pop, from);
    pop.querySelector("[autofocus]")?.focus();
  }
}, true);

async function explain(link) {
  opener = link;
  let pop = link.pop;
  if (!pop) {
    pop = Object.assign(document.createElement("div"), { className: "pop why-pop", tabIndex: -1 });
    pop.popover = "auto";
    pop.setAttribute("role", "dialog");
    pop.setAttribute("aria-label", link.textContent.trim());
    // "toggle" comes a task later, when the opener may already be another one; "beforetoggle" comes at once.
    pop.addEventListener("beforetoggle", (event) => {
      if (event.target === pop) link.setAttribute("aria-expanded", String(event.newState === "open"));
    });
    document.body.append(pop);
    link.pop = pop;
    const answer = await fetch(link.href, { headers: { "HX-Request": "true", "HX-Target": "div#why" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) {
      link.pop = null;
      pop.remove();
      location.href = link.href;
      return;
    }
    pop.innerHTML = await answer.text();
  }
  pop.showPopover({ source: link });
  place(pop, link);
  pop.focus();
}

function open(dialog) {
  if (!dialog.open) dialog.showModal();
}

function leave(dialog) {
  const dirty = dialog.querySelector("form.changed[data-guard]");
  if (!dirty || window.confirm(dirty.dataset.guard)) {
    dirty?.classList.remove("changed");
    dialog.close();
  }
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const link = target.closest("[data-why]");
  if (link && !event.ctrlKey && !event.metaKey && HTMLElement.prototype.showPopover) {
    event.preventDefault();
    if (link.pop?.matches(":popover-open")) link.pop.hidePopover();
    else explain(link);
    return;
  }
  const opens = target.closest("[data-dialog]");
  if (opens) {
    opens.closest("[popover]")?.hidePopover();
    open(document.getElementById(opens.dataset.dialog));
  }
  const dialog = target.closest("dialog");
  if (dialog && (target === dialog || target.closest("[data-close]"))) leave(dialog);
});

document.addEventListener("cancel", (event) => {
  if (event.target.matches("dialog")) {
    event.preventDefault();
    leave(event.target);
  }
}, true);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const lines = [...menu.querySelectorAll("a, button")];
  const next = lines.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  lines.at(next % lines.length)?.focus();
});

// A dialog's answer from the server arrives in #sheet-body; HX-Trigger "close" shuts it.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target?.id === "sheet-body") open(document.getElementById("sheet"));
});
// What was opened from a row that the answer replaced says by data-focus-after where the focus goes.
document.addEventListener("close", (event) => {
  if (event.target instanceof HTMLDialogElement) return;
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  const place = document.querySelector("[data-focus-after]");
  place?.removeAttribute("data-focus-after");
  place?.focus();
});
