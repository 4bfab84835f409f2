// Copy buttons: shown where there is a clipboard, and say so when it is done.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) {
    return;
  }
  await navigator.clipboard.writeText(button.dataset.copy);
  const words = button.querySelector(".visually-hidden");
  const before = words.textContent;
  words.textContent = button.dataset.copied;
  button.dataset.done = "";
  setTimeout(() => {
    words.textContent = before;
    delete button.dataset.done;
  }, 2000);
});
