import { Body, Controller, Delete, Get, HttpCode, Inject, Post } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import type { z } from "zod";
import { Access, pairingNeeded } from "../../doors/access.ts";
import type { Caller } from "../../doors/caller.ts";
import { People } from "../../doors/people.ts";
import { ApiProblems } from "../api-problems.ts";
import { Answers } from "../describe.ts";
import { Asking } from "./asking.ts";
import { sessionSchema, signInSchema } from "./door-wire.ts";

type SessionBody = z.output<typeof sessionSchema>;

/** Who is signed in on the device that asks. */
@ApiTags("doors")
@Controller("v1/session")
export class SessionController {
  constructor(
    @Inject(People) private readonly people: People,
    @Inject(Access) private readonly access: Access,
  ) {}

  @Get()
  @ApiProblems()
  @ApiOperation({
    operationId: "showSession",
    summary: "This device, and who is signed in on it",
    description: "Answered to every device, also to one that is not paired.",
  })
  @Answers(sessionSchema, "What is known of the device that asks, and what is needed next")
  show(@Asking() caller: Caller | null): SessionBody {
    const needed = this.access.needed(caller);
    if (caller === null) return { device: null, person: null, people: [], needed };
    const { id, name } = caller.device;
    return { device: { id, name }, person: this.people.on(caller), people: [...this.people.all()], needed };
  }

  @Post()
  @HttpCode(200)
  @ApiProblems("PIN_WRONG", "PIN_LOCKED")
  @ApiOperation({
    operationId: "signIn",
    summary: "Sign a person in on this device",
    description:
      "Wrong PINs are counted for the person, also over a restart, and after some of them the next one is looked at after a wait that grows.",
  })
  @Answers(sessionSchema, "The session then")
  async signIn(
    @Asking() caller: Caller | null,
    @Body({ schema: signInSchema }) body: z.output<typeof signInSchema>,
  ): Promise<SessionBody> {
    if (caller === null) throw pairingNeeded();
    await this.people.signIn(caller, body);
    return this.show(caller);
  }

  @Delete()
  @ApiProblems()
  @ApiOperation({ operationId: "signOut", summary: "Sign out", description: "The device stays paired." })
  @Answers(sessionSchema, "The session then")
  signOut(@Asking() caller: Caller | null): SessionBody {
    if (caller === null) throw pairingNeeded();
    this.people.signOut(caller);
    return this.show(caller);
  }
}
