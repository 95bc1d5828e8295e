import { Module, type DynamicModule, type ValueProvider } from "@nestjs/common";
import { closedOnShutdown } from "../foundation/closed-on-shutdown.ts";
import { ChainActions } from "./chain-actions.ts";
import {
  CHAIN_RPC,
  CHAIN_SIGNER,
  closeChain,
  ISSUER_SIGNERS,
  VAULT_CONTRACT,
  type ChainConnections,
} from "./chain-connections.ts";
import { ChainIdentity } from "./chain-identity.ts";
import { ChainSender } from "./chain-sender.ts";
import { HeldActions } from "./refused/held-actions.ts";

/** The node behind a port, the vault's contract, and the sender of chain actions. */
@Module({
  providers: [ChainActions, ChainIdentity, ChainSender, HeldActions],
  exports: [ChainActions, ChainIdentity, ChainSender, HeldActions],
})
export class ChainModule {
  static of(connections: ChainConnections, ...below: DynamicModule[]): DynamicModule {
    const values: ValueProvider[] = [
      { provide: CHAIN_RPC, useValue: connections.rpc },
      { provide: VAULT_CONTRACT, useValue: connections.contract },
      { provide: CHAIN_SIGNER, useValue: connections.signer },
      { provide: ISSUER_SIGNERS, useValue: connections.signers },
    ];
    return {
      module: ChainModule,
      imports: below,
      providers: [...values, closedOnShutdown(() => closeChain(connections))],
      exports: values,
    };
  }
}
