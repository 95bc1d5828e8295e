// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CardMessages} from "./CardMessages.sol";
import {DelegatedReturns} from "./DelegatedReturns.sol";
import {Vault} from "./Vault.sol";

/// @title The vault in its plainest form: a bitmap of 256 counters a word.
/// @notice It stays as the measure of every faster vault.
contract ReferenceVault is DelegatedReturns {
    struct Card {
        uint48 balance;
        uint48 paid;
        bool flagged;
    }

    mapping(address => Card) private cards;
    /// Bit counter % 256 of word counter / 256: the counter was settled, released or voided.
    mapping(address => mapping(uint256 => uint256)) private used;

    constructor(address token_, uint256 scale_) Vault(token_, scale_) {}

    // ---- settling -------------------------------------------------------------------------------------------------

    function settle(bytes calldata payload) external returns (bytes memory result) {
        result = new bytes((countItems(payload) + 7) / 8);
        uint256 payees = uint16(bytes2(payload[64:66]));
        uint256 at = 66 + 20 * payees;
        uint256 item = 0;
        while (at < payload.length) {
            uint256 index = uint16(bytes2(payload[at:at + 2]));
            address payee = address(bytes20(payload[66 + 20 * index:86 + 20 * index]));
            address card_ = address(bytes20(payload[at + 2:at + 22]));
            uint256 n = uint16(bytes2(payload[at + 22:at + 24]));
            at += 24;
            for (uint256 i = 0; i < n; ++i) {
                if (settleOne(payee, card_, payload[at:at + 94])) result[item / 8] |= bytes1(uint8(1 << (item % 8)));
                at += 94;
                ++item;
            }
        }
        record(payload, result);
    }

    /// Checks the whole form before any state is touched (spec §7.3).
    function countItems(bytes calldata payload) private pure returns (uint256 items) {
        if (payload.length < 66) revert MalformedPayload();
        uint256 payees = uint16(bytes2(payload[64:66]));
        uint256 at = 66 + 20 * payees;
        if (at > payload.length) revert MalformedPayload();
        while (at < payload.length) {
            if (at + 24 > payload.length) revert MalformedPayload();
            if (uint16(bytes2(payload[at:at + 2])) >= payees) revert MalformedPayload();
            uint256 n = uint16(bytes2(payload[at + 22:at + 24]));
            at += 24 + 94 * n;
            if (n == 0 || at > payload.length) revert MalformedPayload();
            items += n;
        }
    }

    /// Pays one voucher, or changes nothing and answers false.
    function settleOne(address payee, address card_, bytes calldata voucher) private returns (bool) {
        uint32 counter = uint32(bytes4(voucher[0:4]));
        uint48 amount = uint48(bytes6(voucher[4:10]));
        Card storage c = cards[card_];
        if (payee == address(0) || amount == 0 || counter == 0 || card_ == address(0)) return false;
        if (isUsed(card_, counter)) return false;
        if (c.balance < amount) return false;
        if (uint256(c.paid) + amount > type(uint48).max) return false;
        bytes memory message = CardMessages.voucher(payee, counter, amount, bytes20(voucher[10:30]));
        if (CardMessages.signer(message, bytes32(voucher[30:62]), bytes32(voucher[62:94])) != card_) return false;
        markUsed(card_, counter);
        c.balance -= amount;
        c.paid += amount;
        merchant[payee].earned += amount;
        return true;
    }

    // ---- storage --------------------------------------------------------------------------------------------------

    function isUsed(address card_, uint32 counter) public view override returns (bool) {
        return (used[card_][counter >> 8] >> (counter & 255)) & 1 == 1;
    }

    function markUsed(address card_, uint32 counter) internal override {
        used[card_][counter >> 8] |= 1 << (counter & 255);
    }

    function amounts(address card_) internal view override returns (uint48, uint48, bool) {
        Card storage c = cards[card_];
        return (c.balance, c.paid, c.flagged);
    }

    function setBalance(address card_, uint48 balance) internal override {
        cards[card_].balance = balance;
    }

    function setFlag(address card_) internal override {
        cards[card_].flagged = true;
    }

    /// A bitmap takes any counter at any time.
    function prepare(address, uint32, uint256) internal pure override returns (uint32) {
        revert NothingToAdvance();
    }
}
