// Drives a real MCP client for a test. The person is somebody else: an `authorize` event names the address that a
// browser has to be sent to.

import { randomBytes } from "node:crypto";
import { emit, listenForCallback, obey } from "./conversation.mjs";

/** What an application keeps for the SDK; everything lives in memory. */
function memory(callback, clientMetadata) {
  const kept = {};
  return {
    kept,
    redirectUrl: callback.redirectUrl,
    clientMetadata: { redirect_uris: [callback.redirectUrl], ...clientMetadata },
    clientMetadataUrl: process.argv[3], // the application's document about itself (CIMD), where it has one
    state: () => (kept.state = randomBytes(16).toString("base64url")),
    clientInformation: () => kept.client,
    saveClientInformation: (client) => void (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => {
      kept.tokens = tokens;
      emit("tokens", { tokens });
    },
    codeVerifier: () => kept.verifier,
    saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
    saveDiscoveryState: (discovery) => void (kept.discovery = discovery),
    discoveryState: () => kept.discovery,
    redirectToAuthorization: (url) => {
      kept.answer = callback.next();
      emit("authorize", { url: url.href });
    },
    invalidateCredentials: (what) => {
      for (const name of ["client", "tokens", "verifier", "discovery"]) {
        if (what === "all" || what === name) delete kept[name];
      }
    },
  };
}

/** Runs one SDK: its two classes, the error that asks for a person, and how it takes the callback's parameters. */
export async function drive({ Client, Transport, UnauthorizedError, finish, clientMetadata }) {
  const serverUrl = new URL(process.argv[2]);
  const callback = await listenForCallback();
  const provider = memory(callback, clientMetadata);
  let client;

  async function connect() {
    const fresh = new Client({ name: "latchkey-client-test", version: "1.0.0" });
    await fresh.connect(new Transport(serverUrl, { authProvider: provider }));
    client = fresh;
  }

  async function finishAuthorization() {
    const answer = (await provider.kept.answer).searchParams;
    if (answer.get("state") !== provider.kept.state) throw new Error("the state does not match");
    if (answer.has("error")) throw new Error(`the server answered ${answer.get("error")}`);
    await finish(new Transport(serverUrl, { authProvider: provider }), answer);
  }

  async function withPerson(work) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
    }
    await finishAuthorization();
    await connect();
    return await work();
  }

  emit("ready", { redirectUrl: callback.redirectUrl });
  await obey({
    connect: async () => {
      await withPerson(connect);
      const { tools } = await client.listTools();
      return { tools: tools.map((tool) => tool.name), client: provider.kept.client };
    },
    call: async ({ name, input }) => {
      const answer = await withPerson(() => client.callTool({ name, arguments: input }));
      return { text: answer.content.map((part) => part.text ?? "").join(""), refused: answer.isError === true };
    },
  });
}
