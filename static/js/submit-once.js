// A second click does not send a form again: the first answer would be lost, and with it the way to the application.

const sent = new WeakSet();

addEventListener("submit", (event) => {
  if (event.target.method === "get") {
    return;
  }
  if (sent.has(event.target)) {
    event.preventDefault();
  }
  sent.add(event.target);
});

// Whoever comes back to this page with the browser's button gets a fresh one, whose form can be sent.
addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});
