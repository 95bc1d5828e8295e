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
import { LIMITS } from "../limits/limits.ts";
import { Doors, DOORS } from "./doors.ts";
import { Problem } from "./problem.ts";
import { mayDo, ROLES_OF, type Right } from "../rights.ts";
import { type Actor, type TokenRequest, Tokens } from "./tokens.ts";

export type { Role } from "../rights.ts";
export type { Actor } from "./tokens.ts";

const RIGHT = "tallystick:right";
const OPEN_TO = "tallystick:open-to";

/** Whom a call serves without a token: terminals, which sign what they send, or anybody. */
type OpenTo = "terminals" | "anybody";

interface GuardedRequest extends TokenRequest {
  actor?: Actor;
}

/** Who makes this call; of calls with RequireRight alone. */
export const CallActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { actor } = context.switchToHttp().getRequest<GuardedRequest>();
  if (actor === undefined) throw new Error("A call without a right has no actor.");
  return actor;
});

/** A person, known by name. Throws Problem NAME_NEEDED for a token without one. */
export function personOf({ name }: Actor): string {
  if (name !== null) return name;
  throw new Problem("NAME_NEEDED", "Give this token a name in the configuration, and restart the service.");
}

/** In the API's description: what a call needs, and the roles that have it. */
export const RIGHT_EXTENSION = "x-right";
export const ROLES_EXTENSION = "x-roles";

/** The doors that a call is served at, in the API's description. */
export const DOORS_EXTENSION = "x-doors";

/** The headers in which an issuing station names itself, and who works at it, for the audit log (spec §6.11). */
const PLACE_HEADERS = { station: "Tallystick-Station", operator: "Tallystick-Operator" } as const;

/** What the headers name; nothing where they are not there. Throws Problem MALFORMED_BODY. */
function placeOf(headers: Readonly<Record<string, unknown>>): Pick<Actor, "station" | "operator"> {
  const named = Object.entries(PLACE_HEADERS).flatMap(([field, name]) => {
    const value = headers[name.toLowerCase()];
    if (value === undefined) return [];
    if (typeof value === "string" && value.length <= LIMITS.stationCharacters && /^[!-~](?:[ -~]*[!-~])?$/.test(value))
      return [[field, value]];
    throw new Problem(
      "MALFORMED_BODY",
      `${name}: 1 to ${LIMITS.stationCharacters} printable ASCII characters, no blank at an end.`,
    );
  });
  return Object.fromEntries(named) as Pick<Actor, "station" | "operator">;
}

/** Marks a call as needing a bearer token of a role with this right, also in the API's description. */
export const RequireRight = (right: Right) =>
  applyDecorators(
    SetMetadata(RIGHT, right),
    ApiBearerAuth(),
    ApiExtension(RIGHT_EXTENSION, right),
    ApiExtension(ROLES_EXTENSION, ROLES_OF[right]),
    ApiExtension(DOORS_EXTENSION, ["administration"]),
  );

/**
 * Marks a call that authenticates itself, or tells nothing: terminals' door serves it without a
 * token. At administration's it needs one of any role, like everything there.
 */
export const ForTerminals = () =>
  applyDecorators(
    SetMetadata(OPEN_TO, "terminals" satisfies OpenTo),
    ApiExtension(DOORS_EXTENSION, ["terminals", "administration"]),
  );

/** Marks a call that tells nothing but that the process lives: both doors serve it without a token. */
export const ForAnybody = () =>
  applyDecorators(
    SetMetadata(OPEN_TO, "anybody" satisfies OpenTo),
    ApiExtension(DOORS_EXTENSION, ["terminals", "administration"]),
  );

/**
 * Lets a call through by its door, before its body is looked at: what is not marked for terminals is not there at their
 * door, and what is not marked at all needs a token.
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(DOORS) private readonly doors: Doors,
    @Inject(Tokens) private readonly tokens: Tokens,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    const openTo = this.reflector.getAllAndOverride<OpenTo | undefined>(OPEN_TO, places);
    if (openTo === "anybody") return true;
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    if (!this.doors.isAdministration(request)) {
      if (openTo === "terminals") return true;
      throw new Problem("NOT_FOUND", "This address serves terminals; everything else is at administration's.");
    }
    const right = this.reflector.getAllAndOverride<Right | undefined>(RIGHT, places) ?? "read";
    const actor = (await this.tokens.actorsOf(request)).find(({ role }) => mayDo(role, right));
    if (actor === undefined)
      throw new Problem("FORBIDDEN", `This call needs a token of one of the roles ${ROLES_OF[right].join(", ")}.`);
    request.actor = { ...actor, ...placeOf(request.headers) };
    return true;
  }
}
