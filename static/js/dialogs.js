// Links that name a dialog open it instead: its content is the main part of the page that the link leads to.
// Ctrl-K (or Command-K) opens the dialog with that shortcut. Arrow keys walk over what it lists.

const open = async (dialog) => {
  if (dialog.open) {
    return;
  }
  const answer = await fetch(dialog.dataset.source, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected) {
    location.assign(dialog.dataset.source);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  dialog.replaceChildren(page.querySelector("[data-dialog]"));
  window.htmx?.process(dialog);
  dialog.showModal();
  dialog.querySelector("input[type=search]")?.focus();
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-opens]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(document.getElementById(link.dataset.opens));
  } else if (event.target instanceof HTMLDialogElement) {
    event.target.close();
  }
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    const dialog = document.querySelector(`dialog[data-shortcut="${CSS.escape(event.key.toLowerCase())}"]`);
    if (dialog) {
      event.preventDefault();
      open(dialog);
    }
  }
  const list = event.target.closest?.("dialog");
  if (list && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const stops = [...list.querySelectorAll("input[type=search], a[href]")];
    const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    stops.at(next % stops.length)?.focus();
    event.preventDefault();
  }
});
