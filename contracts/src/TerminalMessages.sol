// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CardMessages} from "./CardMessages.sol";
import {IVault} from "./IVault.sol";

/// @title The bytes that terminals sign for the vault: refund orders and reversals (spec §3.7, §3.11).
library TerminalMessages {
    uint256 private constant REVERSAL_LENGTH = 132;

    /// @notice TLYF of this vault (spec §3.11).
    function refundOrder(bytes32 voucherId, uint48 total, uint32 deadline) internal view returns (bytes memory) {
        return abi.encodePacked("TLYF", CardMessages.domain(), voucherId, total, deadline);
    }

    /// @notice Reverts unless the bytes are a TLYX of this vault for the voucher that the card signed
    /// (spec §3.7). Its card key is compressed: y is the other coordinate.
    function requireReversalOf(
        CardMessages.Message memory m,
        address card,
        bytes calldata reversal,
        bytes32 y
    ) internal view {
        CardMessages.requireForm(reversal, REVERSAL_LENGTH, "TLYX");
        CardMessages.requireDomain(reversal);
        bytes32 key = keccak256(bytes.concat(reversal[33:65], y));
        bool ofCard = uint8(reversal[32]) == 2 + (uint256(y) & 1) && address(uint160(uint256(key))) == card;
        // Counter, payee and amount stand side by side in the PAY request.
        bytes30 paid = bytes30(abi.encodePacked(m.counter, m.payee, m.amount));
        if (!ofCard || bytes30(reversal[73:103]) != paid) revert IVault.OtherVoucher();
    }
}
