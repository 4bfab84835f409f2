// What oidc-provider stores, in one PostgreSQL table, by prepared statements.

import pg from "pg";

const TABLE = `
  CREATE TABLE IF NOT EXISTS oidc_payload (
    model text NOT NULL,
    id text NOT NULL,
    payload jsonb NOT NULL,
    grant_id text,
    uid text,
    user_code text,
    expires_at timestamptz,
    consumed_at timestamptz,
    PRIMARY KEY (model, id)
  );
  CREATE INDEX IF NOT EXISTS oidc_payload_grant ON oidc_payload (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS oidc_payload_uid ON oidc_payload (model, uid) WHERE uid IS NOT NULL;
  CREATE INDEX IF NOT EXISTS oidc_payload_user_code ON oidc_payload (model, user_code) WHERE user_code IS NOT NULL;`;

const LIVE = "(expires_at IS NULL OR expires_at > now())";
const READ = "SELECT payload, consumed_at FROM oidc_payload WHERE model = $1 AND";

const STATEMENTS = {
  upsert: `
    INSERT INTO oidc_payload (model, id, payload, grant_id, uid, user_code, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
    ON CONFLICT (model, id) DO UPDATE SET payload = EXCLUDED.payload, grant_id = EXCLUDED.grant_id,
      uid = EXCLUDED.uid, user_code = EXCLUDED.user_code, expires_at = EXCLUDED.expires_at`,
  find: `${READ} id = $2 AND ${LIVE}`,
  findByUid: `${READ} uid = $2 AND ${LIVE}`,
  findByUserCode: `${READ} user_code = $2 AND ${LIVE}`,
  consume: "UPDATE oidc_payload SET consumed_at = now() WHERE model = $1 AND id = $2",
  destroy: "DELETE FROM oidc_payload WHERE model = $1 AND id = $2",
  revokeByGrantId: "DELETE FROM oidc_payload WHERE grant_id = $1",
};

/** The adapter factory; connects and makes the table first. */
export async function postgresqlAdapter(url) {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  await pool.query(TABLE);
  const run = (name, values) => pool.query({ name, text: STATEMENTS[name], values });

  return class {
    constructor(model) {
      this.model = model;
    }

    async #read(statement, key) {
      const row = (await run(statement, [this.model, key])).rows[0];
      if (!row) return undefined;
      return row.consumed_at ? { ...row.payload, consumed: Math.floor(row.consumed_at / 1000) } : row.payload;
    }

    find = (id) => this.#read("find", id);
    findByUid = (uid) => this.#read("findByUid", uid);
    findByUserCode = (code) => this.#read("findByUserCode", code);
    consume = (id) => run("consume", [this.model, id]);
    destroy = (id) => run("destroy", [this.model, id]);
    revokeByGrantId = (grantId) => run("revokeByGrantId", [grantId]);
    upsert = (id, payload, expiresIn) =>
      run("upsert", [
        this.model,
        id,
        payload,
        payload.grantId ?? null,
        payload.uid ?? null,
        payload.userCode ?? null,
        expiresIn ?? null,
      ]);
  };
}
