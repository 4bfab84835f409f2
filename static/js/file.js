// A text area that takes a file: a button reads it into the field, where it can be looked at before it is sent.

for (const area of document.querySelectorAll("textarea[data-file]")) {
  const label = document.createElement("label");
  label.className = "file";
  label.textContent = area.dataset.file;
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".csv,text/csv,text/plain";
  input.addEventListener("change", async () => {
    if (input.files.length > 0) {
      area.value = await input.files[0].text();
    }
  });
  label.append(input);
  area.before(label);
}
