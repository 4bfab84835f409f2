// Whoever leaves a form with changes in it is asked first.

const touched = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-guarded]");
  if (form) {
    touched.add(form);
    form.dataset.changed = "";
  }
});

document.addEventListener("submit", (event) => touched.delete(event.target));

window.addEventListener("beforeunload", (event) => {
  if (touched.size > 0) {
    event.preventDefault();
  }
});
