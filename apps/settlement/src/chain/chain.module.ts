import { Module, type DynamicModule, type OnApplicationShutdown, type ValueProvider } from "@nestjs/common";
import { ChainActions } from "./chain-actions.ts";
import { closeChain, type ChainConnections } from "./chain-connections.ts";
import { CHAIN_RPC } from "./chain-rpc.ts";
import { ChainSender } from "./chain-sender.ts";
import { CHAIN_SIGNER } from "./chain-signer.ts";
import { VAULT_CONTRACT } from "./vault-contract.ts";

/** The node behind a port, the vault's contract, and the sender of chain actions. */
@Module({ providers: [ChainActions, ChainSender], exports: [ChainActions, ChainSender] })
export class ChainModule {
  static of(connections: ChainConnections, ...below: DynamicModule[]): DynamicModule {
    const values: ValueProvider[] = [
      { provide: CHAIN_RPC, useValue: connections.rpc },
      { provide: VAULT_CONTRACT, useValue: connections.contract },
      { provide: CHAIN_SIGNER, useValue: connections.signer },
    ];
    const closing: OnApplicationShutdown = { onApplicationShutdown: () => closeChain(connections) };
    return {
      module: ChainModule,
      imports: below,
      providers: [...values, { provide: CLOSING, useValue: closing }],
      exports: values,
    };
  }
}

const CLOSING = Symbol("CLOSING");
