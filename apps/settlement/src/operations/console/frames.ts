import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import type { Session } from "../../foundation/http/sessions.ts";
import type { Frame } from "./view/frame.tsx";

/** What every page says of the installation, and of who looks at it. */
@Injectable()
export class Frames {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ISSUER) private readonly issuer: Issuer,
  ) {}

  of(actor: Actor, session: Session | null): Frame {
    const { asset, vault, chainId, console: settings } = this.config;
    return {
      ...{ asset: asset.code, vault: toHex(vault), chainId: chainId.toString(), now: this.clock.now() },
      actor: { name: actor.name, role: actor.role },
      hasPasskeys: session !== null && !session.provided,
      formToken: session?.formToken ?? null,
      explorer: settings.explorerUrl ?? null,
      issuerKeys: this.issuer.knownKeys.map(({ publicKey }) => toHex(publicKey)),
    };
  }
}
