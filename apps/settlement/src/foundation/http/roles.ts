import { createHash, timingSafeEqual } from "node:crypto";
import { Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from "@nestjs/common";
import { Reflector } from "@nestjs/core";
import { CONFIG, type Config } from "../config/config.ts";
import { Problem } from "./problem.ts";

export type Role = "issuer" | "operator";

const ROLE = "tallystick:role";

/** Marks a call as needing a bearer token of this role. */
export const RequireRole = (role: Role) => SetMetadata(ROLE, role);

/**
 * Checks bearer tokens. Tokens are compared by their hashes in constant time, and every one of them
 * is compared.
 */
@Injectable()
export class RolesGuard implements CanActivate {
  private readonly known: readonly { hash: Buffer; role: Role }[];

  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(CONFIG) config: Config,
  ) {
    this.known = config.tokens.map(({ token, role }) => ({ hash: sha256(token), role }));
  }

  canActivate(context: ExecutionContext): boolean {
    const needed = this.reflector.getAllAndOverride<Role | undefined>(ROLE, [context.getHandler(), context.getClass()]);
    if (needed === undefined) return true;
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>();
    const given = /^Bearer ([\x21-\x7e]{1,256})$/.exec(headers["authorization"] ?? "")?.[1];
    if (given === undefined) throw new Problem("UNAUTHENTICATED", "Send Authorization: Bearer and a configured token.");
    const roles = this.rolesOf(sha256(given));
    if (roles.size === 0) throw new Problem("UNAUTHENTICATED", "The token is not one of the configured ones.");
    if (!roles.has(needed)) throw new Problem("FORBIDDEN", `This call needs a token of the role ${needed}.`);
    return true;
  }

  private rolesOf(hash: Buffer): ReadonlySet<Role> {
    const roles = new Set<Role>();
    for (const entry of this.known) if (timingSafeEqual(entry.hash, hash)) roles.add(entry.role);
    return roles;
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
