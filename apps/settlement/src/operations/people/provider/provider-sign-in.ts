import { createHmac } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import type * as oidc from "openid-client";
import { CLOCK, type Clock } from "../../../foundation/clock.ts";
import { CONFIG, type Config } from "../../../foundation/config/config.ts";
import { PERSON_NAME } from "../../../foundation/config/person-name.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../../foundation/database/database.ts";
import { Problem } from "../../../foundation/http/problem.ts";
import { PROVIDER_SECONDS } from "../../../foundation/people/limits.ts";
import type { StaffRole } from "../../../foundation/rights.ts";
import { beginSession, tellSignIn, type BegunSession } from "../begin-session.ts";
import { BrowserSessions } from "../browser-sessions.ts";
import { addProvided, endSessions } from "../people.ts";
import { Challenges } from "../passkeys/challenges.ts";

/** Where the provider sends a browser back to. */
export const CALLBACK_PATH = "/sign-in/provider/callback";

/** Loaded when somebody first signs in by a provider. */
const library = (): Promise<typeof oidc> => import("openid-client");

type Provider = NonNullable<Config["signIn"]["provider"]>;

/** What an identity token says of somebody. */
interface Provided {
  readonly subject: string;
  readonly name: string;
  readonly role: StaffRole | null;
}

/**
 * Sign-in by an OpenID Connect provider: authorization code with PKCE, state and nonce, all of which
 * follow from a secret in the browser's own cookie, so that nothing is stored for whoever comes. A
 * claim gives a role by the configuration, and without one nobody is let in.
 */
@Injectable()
export class ProviderSignIn {
  private known: oidc.Configuration | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Challenges) private readonly challenges: Challenges,
    @Inject(BrowserSessions) private readonly browsers: BrowserSessions,
  ) {}

  /** The provider's page, for a browser with this secret. Throws Problem NOT_FOUND, NOT_READY. */
  async begin(secret: string, origin: string): Promise<string> {
    const checks = await this.checks(secret);
    const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await library();
    const url = buildAuthorizationUrl(await this.discovered(), {
      ...{ redirect_uri: `${origin}${CALLBACK_PATH}`, scope: this.provider().scope },
      ...{ state: checks.expectedState, nonce: checks.expectedNonce },
      code_challenge: await calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: "S256",
    });
    return url.href;
  }

  /**
   * Begins the session of who comes back. Throws Problem UNAUTHENTICATED where the answer is not the
   * one to this browser's question, and FORBIDDEN where no role, or another person's name, is in it.
   */
  async end(secret: string, url: URL): Promise<BegunSession> {
    const checks = await this.checks(secret);
    const discovered = await this.discovered();
    const { authorizationCodeGrant } = await library();
    const claims = await authorizationCodeGrant(discovered, url, { ...checks, idTokenExpected: true })
      .then((tokens) => tokens.claims())
      .catch(() => undefined);
    if (claims === undefined)
      throw new Problem("UNAUTHENTICATED", "This is no answer to this browser's sign-in; begin again.");
    const provided = this.read(claims);
    const now = this.clock.now();
    const { role } = provided;
    if (role === null) {
      await this.db.transaction().execute(async (trx) => await endProvided(trx, provided.subject, new Date(now)));
      throw new Problem("FORBIDDEN", "Your account has no role here.");
    }
    const begun = await this.db.transaction().execute(async (trx) => {
      const person = await addProvided(trx, { ...provided, role, now });
      return await beginSession(trx, { person, way: "provider", lastsMs: this.browsers.lastsMs, now });
    });
    tellSignIn(begun, "provider");
    return begun;
  }

  private read(claims: oidc.IDToken): Provided {
    const { nameClaim, roleClaim, roles } = this.provider();
    const name = claims[nameClaim];
    if (typeof name !== "string" || !PERSON_NAME.pattern.test(name))
      throw new Problem("FORBIDDEN", `The claim ${nameClaim} ${PERSON_NAME.message}.`);
    const given = [claims[roleClaim]].flat();
    const found = Object.entries(roles).find(([value]) => given.includes(value));
    return { subject: `${claims.iss} ${claims.sub}`, name, role: found?.[1] ?? null };
  }

  private async checks(secret: string) {
    const key = await this.challenges.key();
    const derived = (what: string) =>
      createHmac("sha256", key).update(`provider ${what} ${secret}`).digest("base64url");
    return { expectedState: derived("state"), expectedNonce: derived("nonce"), pkceCodeVerifier: derived("verifier") };
  }

  /** The provider's own description, read when it is first needed. */
  private async discovered(): Promise<oidc.Configuration> {
    if (this.known !== null) return this.known;
    const { issuer, clientId, clientSecret } = this.provider();
    const url = new URL(issuer);
    const { allowInsecureRequests, discovery } = await library();
    // Without TLS on this machine alone, as the configuration says.
    const execute = url.protocol === "http:" ? [allowInsecureRequests] : [];
    const found = await discovery(url, clientId, clientSecret, undefined, { execute, timeout: PROVIDER_SECONDS }).catch(
      () => null,
    );
    if (found === null)
      throw new Problem(
        "NOT_READY",
        "The identity provider does not answer; try again, or ask an administrator to invite you here.",
      );
    return (this.known = found);
  }

  private provider(): Provider {
    const { provider } = this.config.signIn;
    if (provider !== undefined) return provider;
    throw new Problem("NOT_FOUND", "No identity provider is configured.");
  }
}

/** Who has lost every role loses its sessions too. */
async function endProvided(trx: DatabaseTransaction, subject: string, at: Date): Promise<void> {
  const row = await trx.selectFrom("people").select("name").where("subject", "=", subject).executeTakeFirst();
  if (row !== undefined) await endSessions(trx, row.name, at);
}
