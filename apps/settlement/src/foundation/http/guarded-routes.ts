import { RequestMethod, type Type } from "@nestjs/common";
import { METHOD_METADATA, PATH_METADATA } from "@nestjs/common/constants.js";
import { MetadataScanner, type ModulesContainer } from "@nestjs/core";
import type { Right } from "../rights.ts";
import { OPEN_TO, type OpenTo, PAGE, RIGHT } from "./roles.ts";

/** A route of the service, such as `GET /console/cards/:card`, with what stands at its handler about who may call it. */
export interface GuardedRoute {
  readonly method: string;
  /** As the framework has it, with `:card` in the place of a card. */
  readonly url: string;
  /** Null where none is named. */
  readonly right: Right | null;
  readonly openTo: OpenTo | null;
  /** Whether a browser without a session is led to sign in. */
  readonly isPage: boolean;
}

/** Every route of the service's controllers. */
export function guardedRoutes(modules: ModulesContainer): readonly GuardedRoute[] {
  const scanner = new MetadataScanner();
  return [...modules.values()].flatMap(({ controllers }) =>
    [...controllers.values()].flatMap(({ metatype }) => {
      const controller = metatype as Type;
      const prototype = controller.prototype as Record<string, object>;
      return scanner
        .getAllMethodNames(prototype)
        .map((name) => prototype[name] ?? {})
        .filter((handler) => Reflect.hasMetadata(PATH_METADATA, handler))
        .map((handler) => routeOf(controller, handler));
    }),
  );
}

function routeOf(controller: Type, handler: object): GuardedRoute {
  const own = (key: string): unknown =>
    Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, controller) ?? null;
  const parts = [controller, handler].map((place) => String(Reflect.getMetadata(PATH_METADATA, place)));
  const path = parts.flatMap((part) => part.split("/")).filter((part) => part !== "");
  const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
  return {
    ...{ method, url: `/${path.join("/")}` },
    ...{ right: own(RIGHT) as Right | null, openTo: own(OPEN_TO) as OpenTo | null, isPage: own(PAGE) === true },
  };
}
