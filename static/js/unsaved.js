// Whoever leaves a form with changes in it is asked first.

// A form may come with changes in it already.
const touched = new Set(document.querySelectorAll("form[data-guarded][data-changed]"));

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
