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
import { type ArrivedRequest, Doors, DOORS } from "./doors.ts";
import { Problem } from "./problem.ts";
import { type Caller, Callers, type CallerRequest } from "./callers.ts";
import { mayDo, ROLES_OF, type Right } from "../rights.ts";
import type { Session } from "./sessions.ts";
import type { Actor } from "./tokens.ts";

export type { Role } from "../rights.ts";
export type { Actor } from "./tokens.ts";

/** What stands at a call's handler or its controller: its right, whom it serves without a token, whether it is a page. */
export const RIGHT = "tallystick:right";
export const OPEN_TO = "tallystick:open-to";
export const PAGE = "tallystick:page";

/** Where a browser without a session is sent. */
export const SIGN_IN_PATH = "/sign-in";

/** Whom a call serves without a token: terminals, which sign what they send, browsers that sign in, or anybody. */
export type OpenTo = "terminals" | "anybody" | "browsers";

interface GuardedRequest extends CallerRequest {
  actor?: Actor;
  session?: Session | null;
}

/** The part of Fastify's reply that sends a browser elsewhere. */
interface Redirects {
  redirect(path: string, status: number): unknown;
}

/** Who makes this call; of calls with RequireRight alone. */
export const CallActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { actor } = context.switchToHttp().getRequest<GuardedRequest>();
  if (actor === undefined) throw new Error("A call without a right has no actor.");
  return actor;
});

/** The session that a call comes from; null where it came with a token. Its form token belongs into every form. */
export const CallSession = createParamDecorator(
  (_: unknown, context: ExecutionContext): Session | null =>
    context.switchToHttp().getRequest<GuardedRequest>().session ?? null,
);

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

/** Marks a page: who asks for it without a credential is sent to sign in. */
export const Page = () => SetMetadata(PAGE, true);

/** Marks a call as needing a token, or a session, of a role with this right, also in the API's description. */
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

/** Marks a page of the way in: administration's door serves it without a token, and terminals' does not. */
export const ForBrowsers = () => SetMetadata(OPEN_TO, "browsers" satisfies OpenTo);

/** What terminals' door does not serve is not there. Throws Problem NOT_FOUND. */
export function assertAdministration(doors: Doors, request: ArrivedRequest): void {
  if (doors.isAdministration(request)) return;
  throw new Problem("NOT_FOUND", "This address serves terminals; everything else is at administration's.");
}

/** The one of them that has a right. Throws Problem FORBIDDEN. */
export function actorWith(right: Right, actors: readonly Actor[]): Actor {
  const actor = actors.find(({ role }) => mayDo(role, right));
  if (actor !== undefined) return actor;
  throw new Problem("FORBIDDEN", `This call needs one of the roles ${ROLES_OF[right].join(", ")}.`);
}

/**
 * Lets a call through by its door, before its body is looked at: what is not marked for terminals is not there at their
 * door, and what is not marked at all needs a token.
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(DOORS) private readonly doors: Doors,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    const openTo = this.reflector.getAllAndOverride<OpenTo | undefined>(OPEN_TO, places);
    if (openTo === "anybody") return true;
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    if (openTo === "terminals" && !this.doors.isAdministration(request)) return true;
    assertAdministration(this.doors, request);
    const right =
      this.reflector.getAllAndOverride<Right | undefined>(RIGHT, places) ?? (openTo === "terminals" ? "self" : "read");
    if (openTo === "browsers") return true;
    const isPage = this.reflector.getAllAndOverride<boolean | undefined>(PAGE, places) === true;
    const { actors, session } = await this.callerOf(request, isPage ? context : null);
    // Known before it is refused: the page of a refusal leads on to what is the caller's.
    request.session = session;
    request.actor = { ...actorWith(right, actors), ...placeOf(request.headers) };
    return true;
  }

  /** Where the answer is a page, a browser that is not signed in is sent there. */
  private async callerOf(request: GuardedRequest, page: ExecutionContext | null): Promise<Caller> {
    try {
      return await this.callers.of(request);
    } catch (error) {
      const signsIn = error instanceof Problem && error.code === "UNAUTHENTICATED";
      if (page !== null && signsIn && request.headers["authorization"] === undefined)
        page.switchToHttp().getResponse<Redirects>().redirect(SIGN_IN_PATH, 303);
      throw error;
    }
  }
}
