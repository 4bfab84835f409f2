// The live tail of the audit log: new lines are put on top as they come. Whoever halts it misses what comes meanwhile
// only beyond some seconds; a connection that ends is opened again, from the newest line on.

const MOST_LINES = 300;
const PAUSE_MS = 3000;

const table = document.querySelector("table[data-live]");
const state = document.querySelector("[data-live-state]");
const button = document.querySelector("[data-live-halt]");
const body = table.tBodies[0];
let source = null;
let waiting = 0;
let isHalted = false;

const say = (name) => {
  state.textContent = state.dataset[name];
};

const put = (event) => {
  const holder = document.createElement("template");
  holder.innerHTML = event.data;
  body.prepend(holder.content);
  while (body.rows.length > MOST_LINES) {
    body.deleteRow(-1);
  }
};

const listen = () => {
  const uri = new URL(table.dataset.live, location.href);
  const newest = body.querySelector("[data-event]");
  if (newest) {
    uri.searchParams.set("after", newest.dataset.event);
  }
  source = new EventSource(uri);
  source.addEventListener("open", () => say("listening"));
  source.addEventListener("line", put);
  source.addEventListener("error", () => {
    source.close();
    say("lost");
    waiting = setTimeout(listen, PAUSE_MS);
  });
};

button.addEventListener("click", () => {
  isHalted = !isHalted;
  button.textContent = isHalted ? button.dataset.goOn : button.dataset.halt;
  clearTimeout(waiting);
  source.close();
  if (isHalted) {
    say("halted");
  } else {
    listen();
  }
});

button.hidden = false;
say("connecting");
listen();
