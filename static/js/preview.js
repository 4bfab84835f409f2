// A preview follows its form as it is filled in. What is drawn by the server takes the place of what is shown, so that
// nothing flickers and the browser's Back button knows nothing of it.

const form = document.querySelector("form[data-preview]");
const frame = document.querySelector("iframe[name=preview]");
const QUIET = 250; // milliseconds

let turn = 0;
let timer;

async function draw() {
  const mine = ++turn;
  const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) });
  // Whoever is signed out is led to a sign-in, which is no preview.
  if (answer.ok && !answer.redirected && mine === turn) {
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }
}

function show(fresh) {
  const shown = frame.contentDocument;
  const sheets = [...shown.querySelectorAll("link[rel=stylesheet]")];
  const wanted = [...fresh.querySelectorAll("link[rel=stylesheet]")].map((sheet) => sheet.getAttribute("href"));
  for (const href of wanted.filter((href) => !sheets.some((sheet) => sheet.getAttribute("href") === href))) {
    const sheet = shown.createElement("link");
    sheet.rel = "stylesheet";
    sheet.nonce = sheets[0].nonce;
    sheet.setAttribute("href", href);
    shown.head.append(sheet);
  }
  sheets.filter((sheet) => !wanted.includes(sheet.getAttribute("href"))).forEach((sheet) => sheet.remove());
  shown.documentElement.lang = fresh.documentElement.lang;
  shown.body.replaceWith(shown.importNode(fresh.body, true));
}

if (form && frame) {
  form.querySelector("[data-previews]").remove();
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, QUIET);
  });
  // What came back refused is not what is stored.
  if (form.querySelector("[role=alert]")) {
    draw();
  }
}
