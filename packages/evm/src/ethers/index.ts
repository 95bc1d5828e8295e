// A node over JSON-RPC
export { EthersRpc, type EthersRpcOptions } from "./ethers-rpc.ts";
export { revertReason, rpcErrorOf } from "./rpc-faults.ts";

// Signing by a key in memory
export { createKeySigner, readTransaction } from "./key-signer.ts";
