// node oidc-provider as a peer: the same clients, scopes and resource as bench/contenders.py gives to Latchkey.
// Arguments: port [PostgreSQL URL]. Without a URL it keeps everything in its own memory adapter.

import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";
import { postgresqlAdapter } from "./postgresql_adapter.mjs";

const [port, databaseUrl] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const redirectUri = "https://client.example/callback";

function signingKey(type, options, alg) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: "jwk" }), alg, use: "sig" };
}

const web = {
  client_id: "web",
  client_secret: "a-secret-of-the-web-client-0123456789",
  redirect_uris: [redirectUri],
  grant_types: ["authorization_code", "refresh_token"],
  id_token_signed_response_alg: "ES256",
};
const batch = {
  client_id: "batch",
  client_secret: "a-secret-of-the-batch-client-0123456789",
  redirect_uris: [],
  response_types: [],
  grant_types: ["client_credentials"],
};

/** One person has consented to everything, once. */
async function loadExistingGrant(ctx) {
  const { client, session, provider, params } = ctx.oidc;
  const known = session.grantIdFor(client.clientId);
  if (known) return provider.Grant.find(known);
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope("openid offline_access");
  if (params.resource) grant.addResourceScope(params.resource, "notes:read");
  await grant.save();
  return grant;
}

const provider = new Provider(issuer, {
  adapter: databaseUrl ? await postgresqlAdapter(databaseUrl) : undefined,
  clients: [web, batch],
  jwks: { keys: [signingKey("ec", { namedCurve: "P-256" }, "ES256"), signingKey("rsa", { modulusLength: 2048 }, "RS256")] },
  cookies: { keys: ["only-for-benchmarks"] },
  scopes: ["openid", "offline_access"],
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  loadExistingGrant,
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  enabledJWA: { idTokenSigningAlgValues: ["ES256", "RS256"] },
  ttl: { AccessToken: 600, ClientCredentials: 600, RefreshToken: 30 * 86400, Session: 86400, Grant: 30 * 86400, Interaction: 3600 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: async () => true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: async () => true,
      getResourceServerInfo: async (ctx, resource) => ({
        scope: "notes:read",
        audience: resource,
        accessTokenTTL: 600,
        accessTokenFormat: resource.endsWith("/opaque") ? "opaque" : "jwt",
        jwt: { sign: { alg: "ES256" } },
      }),
    },
  },
});

// Whoever comes is signed in: what is measured is the answer to a browser that already has a session.
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: "ada" } }, { mergeWithLastSubmission: false });
  ctx.respond = false;
});

provider.listen(Number(port), "127.0.0.1");
