import { createParamDecorator, type ExecutionContext } from "@nestjs/common";
import type { Caller } from "../../doors/caller.ts";
import type { GuardedRequest } from "./door-guard.ts";

/** Who asks, as the door has found; null for a device that may only be paired. */
export const Asking = createParamDecorator((_: unknown, context: ExecutionContext): Caller | null => {
  return context.switchToHttp().getRequest<GuardedRequest>().caller ?? null;
});
