// Combobox (ARIA 1.2) in forms and in the palette: the server answers with options.
const WAIT = 120;
let timer = 0;
let question = 0;

const boxes = '[role="combobox"]';
const listOf = (box) => document.getElementById(box.getAttribute("aria-controls"));
const optionsOf = (box) => [...listOf(box).querySelectorAll('[role="option"]')];
const chosen = (box) => optionsOf(box).find((option) => option.id === box.getAttribute("aria-activedescendant"));

function show(box, on) {
  listOf(box).hidden = !on;
  box.setAttribute("aria-expanded", String(on));
  if (!on) box.removeAttribute("aria-activedescendant");
}

function choose(box, option) {
  optionsOf(box).forEach((one) => one.setAttribute("aria-selected", String(one === option)));
  if (!option) return;
  box.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

async function ask(box) {
  const list = listOf(box);
  const mine = ++question;
  const url = new URL(list.dataset.options || box.dataset.options, location);
  url.searchParams.set("q", box.value.trim());
  const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Target": `div#${list.id}` } }).catch(() => null);
  if (mine !== question || !answer?.ok) return;
  list.innerHTML = await answer.text();
  const options = optionsOf(box);
  show(box, options.length > 0 || box.value.trim() !== "");
  list.setAttribute("role", options.length ? "listbox" : "status");
  if (box.closest("#palette") && options.length) choose(box, options[0]);
}

function take(box, option) {
  if (option.dataset.href) {
    location.href = option.dataset.href;
    return;
  }
  box.value = option.dataset.label;
  const value = box.nextElementSibling;
  value.value = option.dataset.value;
  show(box, false);
  value.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  const box = event.target;
  if (!box.matches?.(boxes) || event.isComposing) return;
  if (box.nextElementSibling?.type === "hidden") box.nextElementSibling.value = "";
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT, box);
});

document.addEventListener("compositionend", (event) => {
  if (event.target.matches?.(boxes)) ask(event.target);
});

document.addEventListener("keydown", (event) => {
  const box = event.target;
  if (!box.matches?.(boxes) || event.isComposing || event.keyCode === 229) return;
  const options = optionsOf(box);
  const now = options.indexOf(chosen(box));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (listOf(box).hidden) {
      ask(box);
      return;
    }
    const step = event.key === "ArrowDown" ? 1 : -1;
    choose(box, options.at((now < 0 && step < 0 ? 0 : now) + step) || options[0]);
  } else if (event.key === "Enter" && now >= 0 && !listOf(box).hidden) {
    event.preventDefault();
    take(box, options[now]);
  } else if (event.key === "Escape" && !listOf(box).hidden && !box.closest("#palette")) {
    event.preventDefault();
    event.stopPropagation();
    show(box, false);
  }
});

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest('[role="option"]');
  if (!option) return;
  event.preventDefault();
  const list = option.closest('[role="listbox"]');
  const box = document.querySelector(`[aria-controls="${list?.id}"]`);
  if (box) take(box, option);
});

document.addEventListener("focusout", (event) => {
  const box = event.target;
  if (box.matches?.(boxes) && !box.closest("#palette")) show(box, false);
});

// The palette: Ctrl K (keys.js presses the link) or the search link.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-palette]");
  const palette = document.getElementById("palette");
  if (!link || !palette || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  document.querySelectorAll(":popover-open").forEach((pop) => pop.hidePopover());
  palette.showModal();
  const box = palette.querySelector("input");
  box.select();
  ask(box);
});
