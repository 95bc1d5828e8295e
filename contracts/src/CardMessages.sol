// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "./IVault.sol";

/// @title The bytes that cards sign, and who signed them (spec §3.1, §3.2, §3.6, §7.1).
library CardMessages {
    uint256 internal constant MESSAGE_LENGTH = 82;
    uint256 internal constant CONTEXT_LENGTH = 77;
    uint256 internal constant PROOF_LENGTH = 95;
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    struct Message {
        address payee;
        uint32 counter;
        uint48 amount;
        bytes20 context;
    }

    /// @notice chainId u64, vault 20 (spec §2.2).
    function domain() internal view returns (bytes28) {
        return bytes28(bytes8(uint64(block.chainid))) | (bytes28(bytes20(address(this))) >> 64);
    }

    /// @notice M of a voucher of this vault (spec §3.1).
    function voucher(
        address payee,
        uint32 counter,
        uint48 amount,
        bytes20 context
    ) internal view returns (bytes memory) {
        return abi.encodePacked("TLY1", domain(), payee, counter, amount, context);
    }

    /// @notice TLYO (spec §3.6).
    function opening(address owner) internal view returns (bytes memory) {
        return abi.encodePacked("TLYO", domain(), owner);
    }

    /// @notice Reads an M of this vault; reverts for any other bytes.
    function readVoucher(bytes calldata message) internal view returns (Message memory) {
        requireForm(message, MESSAGE_LENGTH, "TLY1");
        requireDomain(message);
        return
            Message({
                payee: address(bytes20(message[32:52])),
                counter: uint32(bytes4(message[52:56])),
                amount: uint48(bytes6(message[56:62])),
                context: bytes20(message[62:82])
            });
    }

    /// @notice The counter that a TLYP of this vault shows; reverts for any other bytes.
    function readProofCounter(bytes calldata proof) internal view returns (uint32) {
        requireForm(proof, PROOF_LENGTH, "TLYP");
        requireDomain(proof);
        return uint32(bytes4(proof[48:52]));
    }

    /// @notice `spent` and `link` of a context that belongs to a message (spec §3.2).
    function readContext(
        bytes calldata context,
        bytes20 expectedHash
    ) internal pure returns (uint48 spent, bytes32 link) {
        requireForm(context, CONTEXT_LENGTH, "TLYC");
        if (bytes20(sha256(context)) != expectedHash) revert IVault.MalformedMessage();
        return (uint48(bytes6(context[32:38])), bytes32(context[45:77]));
    }

    /// @notice The signer of SHA-256 of the bytes, or zero for a signature that spec §7.1 refuses.
    function signer(bytes memory message, bytes32 r, bytes32 vs) internal pure returns (address) {
        return signerOf(sha256(message), r, vs);
    }

    /// @notice The signer of a digest, or zero for a signature that spec §7.1 refuses.
    function signerOf(bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (address) {
        uint256 s = uint256(vs) & (type(uint256).max >> 1);
        if (s > HALF_ORDER) return address(0);
        return ecrecover(digest, uint8(uint256(vs) >> 255) + 27, r, bytes32(s));
    }

    /// @notice SHA-256(card ‖ M), which names a voucher (spec §3.0).
    function voucherId(address card, bytes calldata message) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(card, message));
    }

    /// @notice Reverts unless the bytes are so many and begin with the tag.
    function requireForm(bytes calldata object, uint256 length, bytes4 tag) internal pure {
        if (object.length != length || bytes4(object[0:4]) != tag) revert IVault.MalformedMessage();
    }

    /// @notice Reverts unless the domain behind the tag is this vault's.
    function requireDomain(bytes calldata message) internal view {
        if (bytes28(message[4:32]) != domain()) revert IVault.MalformedMessage();
    }
}
