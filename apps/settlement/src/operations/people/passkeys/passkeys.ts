import { Inject, Injectable } from "@nestjs/common";
import type { AuthenticationResponseJSON, AuthenticatorTransport } from "@simplewebauthn/server";
import { CLOCK, type Clock } from "../../../foundation/clock.ts";
import { CONFIG, type Config } from "../../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../../foundation/database/database.ts";
import { Problem } from "../../../foundation/http/problem.ts";
import type { Session } from "../../../foundation/http/sessions.ts";
import { CHALLENGE_MS, HOUR_MS, PASSKEYS_OF_ONE } from "../../../foundation/people/limits.ts";
import { beginSession, tellSignIn, type BegunSession } from "../begin-session.ts";
import { Challenges } from "./challenges.ts";
import { assertMayChange, recordPasskey } from "./own-passkeys.ts";
import type { NewPasskey } from "./passkey-requests.ts";

const SIGN_IN = "sign-in";

/** Loaded when somebody first has to do with a passkey: it is as large as the rest of the console. */
const webauthn = () => import("@simplewebauthn/server");

/** Where a browser says that it is, as far as its name was let in by the door. */
export interface PasskeyPlace {
  readonly host: string;
}

/**
 * Passkeys (WebAuthn Level 3): registered by who is signed in, and signed in by afterwards. Each
 * asks its person (user verification), knows whose it is, and is bound to this installation's name.
 * Nobody has one who comes by an identity provider: its rights end with the provider's word.
 */
@Injectable()
export class Passkeys {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Challenges) private readonly challenges: Challenges,
  ) {}

  /** What a browser is asked for a new passkey of a session's person. Throws Problem FORBIDDEN, LIMIT_REACHED. */
  async registrationOptions(session: Session): Promise<object> {
    assertMayChange(session, this.clock.now());
    const { name } = session.actor;
    const { id } = await this.db.selectFrom("people").select("id").where("name", "=", name).executeTakeFirstOrThrow();
    const own = await this.db.selectFrom("passkeys").select("id").where("person", "=", name).execute();
    if (own.length >= PASSKEYS_OF_ONE)
      throw new Problem("LIMIT_REACHED", `${PASSKEYS_OF_ONE} passkeys are enough for one person.`);
    const { generateRegistrationOptions } = await webauthn();
    return await generateRegistrationOptions({
      ...{ rpName: "Tallystick settlement", rpID: this.relyingParty(), userName: name },
      userID: new Uint8Array(Buffer.from(id)),
      challenge: new Uint8Array(await this.challenges.draw(registrationOf(session))),
      ...{ timeout: CHALLENGE_MS, attestationType: "none", excludeCredentials: own },
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
  }

  /** Keeps the passkey that a browser made. Throws Problem FORBIDDEN, UNAUTHENTICATED. */
  async register(session: Session, { name, response }: NewPasskey, place: PasskeyPlace): Promise<void> {
    assertMayChange(session, this.clock.now());
    const { verifyRegistrationResponse } = await webauthn();
    let challenge = "";
    const { registrationInfo } = await refusing(
      verifyRegistrationResponse({
        response,
        expectedChallenge: async (given) => {
          challenge = given;
          return await this.challenges.isOwn(given, registrationOf(session));
        },
        ...this.expected(place),
      }),
    );
    if (registrationInfo === undefined) throw refused();
    const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
    const at = new Date(this.clock.now());
    await this.db.transaction().execute(async (trx) => {
      if (!(await this.challenges.use(trx, challenge))) throw refused();
      const person = await trx
        .selectFrom("people")
        .select("id")
        .where("name", "=", session.actor.name)
        .where("removed_at", "is", null)
        .where("subject", "is", null)
        .forKeyShare()
        .executeTakeFirst();
      if (person === undefined) throw refused();
      const added = await trx
        .insertInto("passkeys")
        .values({
          ...{ id, person: session.actor.name, public_key: publicKey, counter: BigInt(counter), transports },
          ...{ made_at: at, name },
        })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .returning("id")
        .executeTakeFirst();
      if (added === undefined) throw refused();
      await recordPasskey(trx, { action: "passkey-added", session, person: person.id, id, name, at });
    });
  }

  /** What a browser is asked that wants to sign in: any passkey of this installation's name. */
  async signInOptions(): Promise<object> {
    const { generateAuthenticationOptions } = await webauthn();
    return await generateAuthenticationOptions({
      ...{ rpID: this.relyingParty(), userVerification: "required", timeout: CHALLENGE_MS },
      challenge: new Uint8Array(await this.challenges.draw(SIGN_IN)),
    });
  }

  /** Begins a session of the person whose passkey has signed. Throws Problem UNAUTHENTICATED. */
  async signIn(response: AuthenticationResponseJSON, place: PasskeyPlace): Promise<BegunSession> {
    const row = await this.db
      .selectFrom("passkeys")
      .innerJoin("people", "people.name", "passkeys.person")
      .select(["passkeys.id", "public_key", "counter", "transports", "person", "people.id as user"])
      .where("passkeys.id", "=", response.id)
      .where("removed_at", "is", null)
      .where("subject", "is", null)
      .executeTakeFirst();
    const handle = response.response.userHandle;
    if (row === undefined || (handle !== undefined && Buffer.from(handle, "base64url").toString() !== row.user))
      throw refused();
    const { verifyAuthenticationResponse } = await webauthn();
    let challenge = "";
    const { verified, authenticationInfo } = await refusing(
      verifyAuthenticationResponse({
        response,
        expectedChallenge: async (given) => {
          challenge = given;
          return await this.challenges.isOwn(given, SIGN_IN);
        },
        credential: {
          ...{ id: row.id, publicKey: new Uint8Array(row.public_key), counter: Number(row.counter) },
          transports: row.transports as AuthenticatorTransport[],
        },
        ...this.expected(place),
      }),
    );
    if (!verified) throw refused();
    return await this.begin({ ...row, challenge, next: BigInt(authenticationInfo.newCounter) });
  }

  /** A passkey that two used at once, with the same count, was copied: one of them is refused. */
  private async begin(signed: {
    id: string;
    person: string;
    challenge: string;
    counter: bigint;
    next: bigint;
  }): Promise<BegunSession> {
    const { id, person, challenge, counter, next } = signed;
    const now = this.clock.now();
    const lastsMs = this.config.signIn.sessionHours * HOUR_MS;
    const begun = await this.db.transaction().execute(async (trx) => {
      if (!(await this.challenges.use(trx, challenge))) throw refused();
      const counted = await trx
        .updateTable("passkeys")
        .set({ counter: next, used_at: new Date(now) })
        .where("id", "=", id)
        .where("counter", "=", counter)
        .returning("id")
        .executeTakeFirst();
      if (counted === undefined) throw refused();
      return await beginSession(trx, { person, way: "passkey", lastsMs, now });
    });
    tellSignIn(begun, "passkey");
    return begun;
  }

  private expected({ host }: PasskeyPlace) {
    const { origin } = this.config.signIn;
    return {
      expectedOrigin: origin ?? `http://${host}`,
      expectedRPID: this.relyingParty(),
      requireUserVerification: true,
    };
  }

  private relyingParty(): string {
    const { origin, relyingParty } = this.config.signIn;
    if (relyingParty !== undefined) return relyingParty;
    return origin === undefined ? "localhost" : new URL(origin).hostname;
  }
}

/** A token has no passkeys. Throws Problem FORBIDDEN. */
export function ofBrowser(session: Session | null): Session {
  if (session === null) throw new Problem("FORBIDDEN", "A passkey belongs to a person who signs in with a browser.");
  return session;
}

function registrationOf({ id }: Session): string {
  return `registration ${id}`;
}

function refused(): Problem {
  return new Problem("UNAUTHENTICATED", "This passkey is not known here, or did not sign what it was asked.");
}

/** Whatever the library has against an answer, nobody is told more. */
async function refusing<Verified>(verified: Promise<Verified>): Promise<Verified> {
  try {
    return await verified;
  } catch {
    throw refused();
  }
}
