// Lets people read the password they are typing. Without script the button stays hidden.

for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => show(input.type === "password"));
  // A password goes out as a password, so that browsers do not keep it as a text that was typed.
  input.form.addEventListener("submit", () => show(false));
  button.hidden = false;
}
