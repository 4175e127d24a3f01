// The tooltip of a chart: repeats the mark's own words beside the pointer or the focus.
const tip = Object.assign(document.createElement("div"), { className: "tip", hidden: true });
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);

function show(mark) {
  tip.textContent = mark.dataset.tip;
  tip.hidden = false;
  const at = (mark.querySelector(".hit") || mark).getBoundingClientRect();
  const box = tip.getBoundingClientRect();
  const left = at.left + at.width / 2 - box.width / 2;
  tip.style.left = `${Math.max(8, Math.min(left, window.innerWidth - box.width - 8))}px`;
  tip.style.top = `${Math.max(8, at.top - box.height - 6)}px`;
}

function hide() {
  tip.hidden = true;
}

for (const name of ["pointerover", "focusin"]) {
  document.addEventListener(name, (event) => {
    const mark = event.target.closest?.("[data-tip]");
    if (mark) show(mark);
    else hide();
  });
}
document.addEventListener("focusout", hide);
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
document.addEventListener("scroll", hide, { passive: true, capture: true });
