// Keyboard: a control says its key in data-key ("c", "/", "g h", "ctrl+k"); pressing it clicks or focuses.
const PAUSE = 1000;
let first = "";
let since = 0;

const typing = (target) => target.closest?.('input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable]');

function press(key) {
  const control = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => one.checkVisibility() || key === "?");
  if (!control) return false;
  if (control.matches("input, textarea, select")) control.focus();
  else control.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || event.altKey) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === "enter") {
      const form = event.target.closest?.("form");
      if (form) {
        event.preventDefault();
        form.requestSubmit();
      }
    } else if (press(`ctrl+${key}`)) event.preventDefault();
    return;
  }
  const letters = document.body.dataset.keys !== "off" && !document.querySelector("dialog[open]");
  if (!letters || typing(event.target) || key.length !== 1) return;
  const chord = first && event.timeStamp - since < PAUSE ? `${first} ${key}` : "";
  first = chord ? "" : key;
  since = event.timeStamp;
  if (press(chord || key)) event.preventDefault();
});
