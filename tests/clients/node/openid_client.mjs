// A relying party written with openid-client, which checks ID tokens, `iss`, `state` and `nonce` by itself.
// Arguments: issuer, client_id, client_secret, redirect URI of a confidential client.

import * as openid from "openid-client";
import { emit, obey } from "./conversation.mjs";

const [issuer, clientId, clientSecret, redirectUri] = process.argv.slice(2);
const config = await openid.discovery(new URL(issuer), clientId, undefined, openid.ClientSecretBasic(clientSecret), {
  execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks],
});
let asked;
let tokens;

emit("ready", { metadata: config.serverMetadata() });
await obey({
  begin: async ({ parameters }) => {
    asked = {
      pkceCodeVerifier: openid.randomPKCECodeVerifier(),
      expectedState: openid.randomState(),
      expectedNonce: openid.randomNonce(),
      idTokenExpected: true,
      ...(parameters.max_age && { maxAge: Number(parameters.max_age) }),
    };
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      code_challenge: await openid.calculatePKCECodeChallenge(asked.pkceCodeVerifier),
      code_challenge_method: "S256",
      state: asked.expectedState,
      nonce: asked.expectedNonce,
      ...parameters,
    });
    return { url: url.href };
  },
  redeem: async ({ callback }) => {
    tokens = await openid.authorizationCodeGrant(config, new URL(callback), asked);
    return { tokens, claims: tokens.claims() };
  },
  userinfo: async () => ({ userinfo: await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub) }),
  refresh: async () => {
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token);
    return { tokens: refreshed, claims: refreshed.claims() ?? null };
  },
  introspect: async ({ token }) => ({ introspection: await openid.tokenIntrospection(config, token) }),
  revoke: async ({ token }) => {
    await openid.tokenRevocation(config, token);
    return {};
  },
  end: async ({ parameters }) => ({
    url: openid.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, ...parameters }).href,
  }),
});
