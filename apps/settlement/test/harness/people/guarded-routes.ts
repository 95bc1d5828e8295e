import { ModulesContainer } from "@nestjs/core";
import {
  type GuardedRoute as ServedRoute,
  guardedRoutes as servedRoutes,
} from "../../../src/foundation/http/guarded-routes.ts";
import type { TestService } from "../settlement-harness.ts";

/** A route as the document names it, such as `GET /console/cards/{card}`. */
export interface GuardedRoute extends ServedRoute {
  readonly name: string;
  readonly template: string;
}

/** Every route of the service's controllers. */
export function guardedRoutes({ app }: TestService): readonly GuardedRoute[] {
  return servedRoutes(app.get(ModulesContainer)).map((route) => {
    const template = route.url.replace(/:([A-Za-z]+)/g, "{$1}");
    return { ...route, template, name: `${route.method} ${template}` };
  });
}
