// A node over JSON-RPC
export { EthersRpc, type EthersRpcOptions } from "./ethers-rpc.ts";
export { type NodeRefusal, refusalOf } from "./node-refusal.ts";
export { describeRevert, revertReason } from "./revert-reason.ts";

// Signing by a key in memory
export { type AccountKey, createChainSigner, createKeySigner, readTransaction } from "./key-signer.ts";
