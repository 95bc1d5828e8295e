// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "./IVault.sol";

/// @title What a vault needs of its chain, used once at the deployment (spec §7): a chain without
/// it refuses the vault, and not the payment that would have come to need it first.
/// @notice An instruction that the chain does not know ends the deployment. A precompile that is
/// not there answers nothing, so what it answers is compared with what is known.
library ChainCheck {
    address private constant SHA256 = address(2);
    /// SHA-256 of no bytes.
    bytes32 private constant EMPTY_DIGEST = 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;
    /// The x coordinate of secp256k1's generator. Key 1 with nonce 1 signs the digest 0 with
    /// r = s = x, and y is even.
    bytes32 private constant GENERATOR_X = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;
    /// The address of key 1.
    address private constant GENERATOR_ADDRESS = 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf;

    function requireAll() internal {
        // A domain has 8 bytes for the chain id, which is at least 1 (spec §2.2).
        if (block.chainid == 0 || block.chainid >> 64 != 0) revert IVault.UnfitChain();
        if (!copies() || !keepsForTheTransaction()) revert IVault.UnfitChain();
        (, bytes memory digest) = SHA256.staticcall("");
        if (bytes32(digest) != EMPTY_DIGEST) revert IVault.UnfitChain();
        if (ecrecover(0, 27, GENERATOR_X, GENERATOR_X) != GENERATOR_ADDRESS) revert IVault.UnfitChain();
    }

    /// MCOPY (EIP-5656), which the hot loop and the compiler use.
    function copies() private pure returns (bool done) {
        assembly ("memory-safe") {
            mstore(0, GENERATOR_X)
            mcopy(0x20, 0, 0x20)
            done := eq(mload(0x20), GENERATOR_X)
        }
    }

    /// TSTORE and TLOAD (EIP-1153), which guard against calls back.
    function keepsForTheTransaction() private returns (bool done) {
        assembly ("memory-safe") {
            tstore(0, GENERATOR_X)
            done := eq(tload(0), GENERATOR_X)
            tstore(0, 0)
        }
    }
}
