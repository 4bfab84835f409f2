// A box in the head of a list ticks all of its lines.

document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-selects]");
  if (box) {
    for (const line of box.closest("form").querySelectorAll(`input[name="${CSS.escape(box.dataset.selects)}"]`)) {
      line.checked = box.checked;
    }
  }
});
