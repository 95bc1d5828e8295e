import { Inject, Injectable, Logger } from "@nestjs/common";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { sessionCookie } from "../../foundation/http/cookies.ts";
import { HOUR_MS } from "../../foundation/people/limits.ts";
import type { SignInWay } from "../../foundation/database/tables/people-tables.ts";
import type { BegunSession } from "./begin-session.ts";

/** Where somebody arrives who has signed in. */
export const HOME = "/console";

/** The part of Fastify's reply that carries a cookie. */
export interface CookieReply {
  header(name: string, value: string): this;
}

/** Gives browsers their cookie, and takes it back. */
@Injectable()
export class BrowserSessions {
  private readonly log = new Logger(BrowserSessions.name);

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Milliseconds that a session lasts at most. */
  get lastsMs(): number {
    return this.config.signIn.sessionHours * HOUR_MS;
  }

  letIn<Reply extends CookieReply>({ secret, person }: BegunSession, way: SignInWay, reply: Reply): Reply {
    this.log.log(`${person} signed in by ${way}.`);
    return reply.header("set-cookie", this.cookie(secret)).header("cache-control", "no-store");
  }

  letOut<Reply extends CookieReply>(reply: Reply): Reply {
    return reply.header("set-cookie", this.cookie(null));
  }

  private cookie(secret: string | null): string {
    const secure = this.config.signIn.origin?.startsWith("https:") === true;
    return sessionCookie(secret, { seconds: this.lastsMs / 1_000, secure });
  }
}
