// Lists: picking rows (click, Shift-click, X), walking them (J, K, Enter), editing in place (E, double click).
let lastPicked = null;

const rowsOf = (list) => [...list.querySelectorAll("tbody tr")];
const boxOf = (row) => row?.querySelector(".pick input");
const listOf = (element) => element?.closest?.(".list");

function count(list) {
  const picked = list.querySelectorAll("tbody .pick :checked").length;
  const place = list.querySelector("[data-count]");
  if (place) place.textContent = picked;
  const all = list.querySelector("[data-pick-all]");
  if (all) {
    all.checked = picked > 0 && picked === list.querySelectorAll("tbody .pick input").length;
    all.indeterminate = picked > 0 && !all.checked;
  }
}

function pickAll(list, on) {
  list.querySelectorAll("tbody .pick input").forEach((box) => { box.checked = on; });
  const frozen = list.querySelector('#bulk [name="all"]');
  if (frozen) frozen.value = "";
  count(list);
}

function pickTo(list, row, on) {
  const rows = rowsOf(list);
  const [from, to] = [rows.indexOf(lastPicked), rows.indexOf(row)].sort((a, b) => a - b);
  if (from >= 0) rows.slice(from, to + 1).forEach((one) => { if (boxOf(one)) boxOf(one).checked = on; });
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const list = listOf(target);
  if (!list) return;
  if (target.matches("tbody .pick input")) {
    const row = target.closest("tr");
    if (event.shiftKey) pickTo(list, row, target.checked);
    lastPicked = row;
    count(list);
  } else if (target.matches("[data-pick-all]")) pickAll(list, target.checked);
  else if (target.closest("[data-clear]")) {
    pickAll(list, false);
    list.querySelector("[data-pick-all]")?.focus();
  } else if (target.closest("[data-select-all]")) {
    const total = target.closest("[data-select-all]").dataset.selectAll;
    pickAll(list, true);
    list.querySelector('#bulk [name="all"]').value = "1";
    list.querySelector("[data-count]").textContent = total;
  }
});

document.addEventListener("dblclick", (event) => event.target.closest?.("td")?.querySelector("[data-edit]")?.click());

function step(rows, row, by) {
  const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + by))];
  next.tabIndex = -1;
  next.focus();
}

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target.closest('input:not([type="checkbox"]), textarea, select')) return;
  const list = listOf(target) || document.querySelector(".list");
  const rows = list ? rowsOf(list) : [];
  const row = target.closest("tbody tr");
  if (!rows.length) return;
  const acts = {
    j: () => step(rows, row, 1),
    k: () => step(rows, row, row ? -1 : 1),
    x: () => row && boxOf(row) && boxOf(row).dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: event.shiftKey })),
    e: () => row?.querySelector("[data-edit]")?.click(),
    enter: () => target === row && row.querySelector("th a, td a")?.click(),
  };
  const act = document.body.dataset.keys === "off" && key.length === 1 ? null : acts[key.toLowerCase()];
  if (act && !(key === "Enter" && target !== row)) {
    event.preventDefault();
    act();
  }
});

window.addEventListener("pageshow", () => document.querySelectorAll(".list").forEach(count));
document.addEventListener("htmx:after:swap", () => document.querySelectorAll(".list").forEach(count));
