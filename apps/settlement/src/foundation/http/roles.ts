import { createHash, timingSafeEqual } from "node:crypto";
import {
  applyDecorators,
  createParamDecorator,
  Inject,
  Injectable,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from "@nestjs/common";
import { Reflector } from "@nestjs/core";
import { ApiBearerAuth, ApiExtension } from "@nestjs/swagger";
import { CONFIG, type Config } from "../config/config.ts";
import { Problem } from "./problem.ts";

export type Role = "issuer" | "operator";

/** Who makes a call that needs a token. */
export interface Actor {
  /** The token's, null where the configuration gives it none. */
  readonly name: string | null;
  readonly role: Role;
}

const ROLE = "tallystick:role";

interface GuardedRequest {
  readonly headers: Record<string, string | undefined>;
  actor?: Actor;
}

/** Who makes this call; of calls with RequireRole alone. */
export const CallActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { actor } = context.switchToHttp().getRequest<GuardedRequest>();
  if (actor === undefined) throw new Error("A call without a role has no actor.");
  return actor;
});

/** A person, known by name. Throws Problem NAME_NEEDED for a token without one. */
export function personOf({ name }: Actor): string {
  if (name !== null) return name;
  throw new Problem("NAME_NEEDED", "Give this token a name in the configuration, and restart the service.");
}

/** The role in the API's description. */
export const ROLE_EXTENSION = "x-role";

/** Marks a call as needing a bearer token of this role, also in the API's description. */
export const RequireRole = (role: Role) =>
  applyDecorators(SetMetadata(ROLE, role), ApiBearerAuth(), ApiExtension(ROLE_EXTENSION, role));

/**
 * Checks bearer tokens. Tokens are compared by their hashes in constant time, and every one of them
 * is compared.
 */
@Injectable()
export class RolesGuard implements CanActivate {
  private readonly known: readonly { hash: Buffer; actor: Actor }[];

  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(CONFIG) config: Config,
  ) {
    this.known = config.tokens.map(({ token, role, name = null }) => ({ hash: sha256(token), actor: { name, role } }));
  }

  canActivate(context: ExecutionContext): boolean {
    const needed = this.reflector.getAllAndOverride<Role | undefined>(ROLE, [context.getHandler(), context.getClass()]);
    if (needed === undefined) return true;
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const given = /^Bearer ([\x21-\x7e]{1,256})$/.exec(request.headers["authorization"] ?? "")?.[1];
    if (given === undefined) throw new Problem("UNAUTHENTICATED", "Send Authorization: Bearer and a configured token.");
    const actors = this.actorsOf(sha256(given));
    if (actors.length === 0) throw new Problem("UNAUTHENTICATED", "The token is not one of the configured ones.");
    const actor = actors.find(({ role }) => role === needed);
    if (actor === undefined) throw new Problem("FORBIDDEN", `This call needs a token of the role ${needed}.`);
    request.actor = actor;
    return true;
  }

  private actorsOf(hash: Buffer): readonly Actor[] {
    const actors: Actor[] = [];
    for (const entry of this.known) if (timingSafeEqual(entry.hash, hash)) actors.push(entry.actor);
    return actors;
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
