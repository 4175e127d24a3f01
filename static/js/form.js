// Forms: one submit at a time, and one question before typed text is left behind.
const guarded = "form[data-guard]";

document.addEventListener("input", (event) => event.target.form?.matches(guarded) && event.target.form.classList.add("changed"));

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent && !event.defaultPrevented) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.classList.remove("changed");
  if (form.method === "post" && !("again" in form.dataset)) form.dataset.sent = "1";
}, true);

// htmx has its answer, or the page came back from the cache: the form may be sent again.
document.addEventListener("htmx:finally:request", (event) => delete event.detail.ctx?.sourceElement?.closest("form")?.dataset.sent);
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector(`${guarded}.changed`)) event.preventDefault();
});
