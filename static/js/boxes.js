// Date box and money box: read what people type, show what was understood, write it plainly on leaving.
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const CENT = /^[-−]?\d+(?:\.\d{1,2})?$/;
const UNITS = { 千: 3, k: 3, 万: 4, w: 4, m: 6, 百万: 6, 千万: 7, 亿: 8 };
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

function shift(digits, places) {
  const [whole, part = ""] = digits.split(".");
  return `${whole}${part.padEnd(places, "0").slice(0, places)}.${part.slice(places) || "0"}`;
}

export function money(text) {
  const plain = text.normalize("NFKC").replace(/[,\s¥￥元]/g, "").replace("−", "-").toLowerCase();
  const found = /^(-?\d*\.?\d+)(千万|百万|万|亿|千|k|w|m)?$/.exec(plain);
  if (!found) return null;
  const exact = found[2] ? shift(found[1], UNITS[found[2]]) : found[1];
  const tidy = exact.replace(/^(-?)0+(?=\d)/, "$1").replace(/\.0+$/, "").replace(/(\.\d*?)0+$/, "$1");
  return CENT.test(tidy) ? tidy : null;
}

const grouped = (exact) => {
  const [whole, part = ""] = exact.split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${part.padEnd(2, "0")}`;
};

function iso(year, month, day) {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.toISOString().slice(0, 10) : null;
}

// Today is the tenant's day when the page says it, else the browser's.
function today() {
  const said = document.body.dataset.today;
  const now = new Date();
  return said ? new Date(`${said}T00:00:00Z`) : new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()));
}

function after(days) {
  const date = today();
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

export function day(text, words = {}) {
  const plain = text.normalize("NFKC").trim().toLowerCase();
  const year = today().getUTCFullYear();
  if (plain in words) return after(Number(words[plain]));
  if (/^[+-]\d{1,4}$/.test(plain)) return after(Number(plain));
  let found = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/.exec(plain);
  if (found) return iso(Number(found[1]), Number(found[2]), Number(found[3]));
  found = /^(\d{1,2})[-/.月](\d{1,2})日?$/.exec(plain) || /^(\d{2})(\d{2})$/.exec(plain);
  if (found) return iso(year, Number(found[1]), Number(found[2]));
  found = /^(\d{1,2}) ?([a-z]{3})[a-z]*\.?(?:,? (\d{4}))?$/.exec(plain);
  return found && MONTHS.includes(found[2]) ? iso(Number(found[3] || year), MONTHS.indexOf(found[2]) + 1, Number(found[1])) : null;
}

const wordsOf = (line) => Object.fromEntries((line.dataset.words || "").split(" ").map((pair) => pair.split(":")));
const long = (value) => new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone: "UTC" }).format(new Date(value));

function note(line, text) {
  const place = line.nextElementSibling;
  if (place?.matches(".box-note") && place.textContent !== text) place.textContent = text;
}

function read(box, leaving) {
  const line = box.closest("[data-date], [data-money]");
  if (!line || box.type === "date") return;
  const isDate = "date" in line.dataset;
  const value = box.value && (isDate ? day(box.value, wordsOf(line)) : money(box.value));
  note(line, value ? (isDate ? long(value) : `¥${grouped(value)}`) : "");
  if (!leaving || !value) return;
  box.value = isDate ? value : grouped(value);
  if (isDate) line.querySelector(".box-native").value = value;
}

document.addEventListener("input", (event) => {
  if (!event.isComposing && event.target.matches?.(".box, .box-native")) read(event.target, false);
});

document.addEventListener("change", (event) => {
  const line = event.target.closest?.("[data-date]");
  if (line && event.target.type === "date") {
    const box = line.querySelector(".box");
    box.value = event.target.value;
    read(box, true);
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (event.target.matches?.(".box")) read(event.target, true);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-calendar]");
  if (button) button.nextElementSibling.showPicker?.();
});
