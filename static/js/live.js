// After an answer: what is said, where the focus goes, toasts; and the quiet fade while it is awaited.
const toasts = document.getElementById("toasts");
const LASTS = 6000;

function say(text) {
  const place = document.getElementById("say");
  if (place && text) {
    place.textContent = "";
    requestAnimationFrame(() => { place.textContent = text; });
  }
}

function expire(toast) {
  if (!toast.querySelector(".toast-act")) setTimeout(() => toast.remove(), LASTS);
}

function show({ text, kind, href, action, retry }) {
  const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  toast.classList.add(`toast-${kind || "success"}`);
  toast.querySelector("p").textContent = text;
  if (retry || href) {
    const act = Object.assign(document.createElement("button"), { className: "toast-act", type: "button", textContent: action });
    act.addEventListener("click", () => {
      toast.remove();
      if (retry) retry();
      else window.htmx.ajax("POST", href, { target: "body", swap: "none", headers: JSON.parse(document.body.getAttribute("hx-headers:inherited")) });
    });
    toast.querySelector(".toast-close").before(act);
  }
  toasts.append(toast);
  expire(toast);
}

function focusHere(root) {
  const place = root.querySelector?.("[data-focus-here]");
  place?.focus();
  return Boolean(place);
}

toasts?.querySelectorAll(".toast").forEach(expire);
focusHere(document);

document.addEventListener("toast", (event) => show(event.detail));
document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast").remove());

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => ctx.target?.setAttribute?.("aria-busy", "true"));
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => ctx.target?.removeAttribute?.("aria-busy"));

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const region = (ctx.target?.id && document.getElementById(ctx.target.id)) || ctx.target;
  if (!region?.isConnected) return;
  const words = region.dataset?.say || region.querySelector?.("[data-say]")?.dataset.say;
  say(words);
  if (focusHere(region)) return;
  if (ctx.sourceElement?.dataset?.focus === "first-row") region.querySelector("tbody a")?.focus();
});

function failed(words, ctx) {
  const source = ctx?.sourceElement;
  const retry = source?.isConnected ? () => (source.matches("form") ? source.requestSubmit() : source.click()) : null;
  show({ text: words, kind: "error", action: toasts.dataset.retry, retry });
}

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (![409, 422].includes(ctx.response?.status)) failed(toasts.dataset.failed, ctx);
});
document.addEventListener("htmx:error", ({ detail: { ctx } }) => failed(toasts.dataset.offline, ctx));
