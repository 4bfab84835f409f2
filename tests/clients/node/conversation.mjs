// How these programs talk to the test that started them, and where a browser comes back to.

import { createServer } from "node:http";
import { createInterface } from "node:readline";

/** Writes one JSON event on a line of stdout. */
export const emit = (event, facts = {}) => process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);

/** Listens where the browser comes back to; `next()` resolves with the address that it opens. */
export async function listenForCallback() {
  const waiting = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url, `http://${request.headers.host}`);
    if (url.pathname !== "/callback") return response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/plain" }).end("Done.");
    waiting.shift()?.(url);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    redirectUrl: `http://127.0.0.1:${server.address().port}/callback`,
    next: () => new Promise((resolve) => waiting.push(resolve)),
  };
}

/** Carries out one JSON command a line of stdin, each answered by a `result` or an `error` event, until `close`. */
export async function obey(commands) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { command, ...facts } = JSON.parse(line);
    if (command === "close") break;
    try {
      emit("result", await commands[command](facts));
    } catch (error) {
      emit("error", { name: error.constructor.name, code: error.code, message: String(error.message) });
    }
  }
  process.exit(0);
}
