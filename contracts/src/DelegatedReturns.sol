// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CardMessages} from "./CardMessages.sol";
import {TerminalMessages} from "./TerminalMessages.sol";
import {Vault} from "./Vault.sol";

/// @title What a payee's delegates may do: give true payments back, each once, within a limit a day
/// (spec §7.11). The key that owns the earnings stands at no counter.
/// @notice A delegate is the address of a terminal's key. It sends nothing itself: anyone may send
/// what it signed.
abstract contract DelegatedReturns is Vault {
    struct Delegate {
        uint48 unitsPerDay;
        /// Units given back on that day.
        uint48 used;
        /// Days since 1970.
        uint32 day;
    }

    mapping(address => mapping(address => Delegate)) public delegate;

    function setDelegate(address delegate_, uint256 unitsPerDay) external {
        if (delegate_ == address(0)) revert ZeroAddress();
        // What was used of the day stays.
        delegate[msg.sender][delegate_].unitsPerDay = toUnits(unitsPerDay);
        emit DelegateSet(msg.sender, delegate_, unitsPerDay);
    }

    function refundFor(
        bytes calldata message,
        bytes32 r,
        bytes32 vs,
        uint48 total,
        uint32 deadline,
        bytes32 r2,
        bytes32 vs2
    ) external nonReentrant {
        CardMessages.Message memory m = CardMessages.readVoucher(message);
        address card_ = signerOf(message, r, vs);
        bytes32 id = CardMessages.voucherId(card_, message);
        address by = signerOf(TerminalMessages.refundOrder(id, total, deadline), r2, vs2);
        if (block.timestamp > deadline) revert Expired(deadline);
        if (total > m.amount) revert MoreThanPaid(m.amount);
        if (total <= returned[id]) revert AlreadyReturned(returned[id]);
        uint48 units = total - returned[id];
        returned[id] = total;
        credit(card_, units);
        if (!isUsed(card_, m.counter)) revert CounterUnused(m.counter);
        if (units > earnings(m.payee)) revert TooLittleEarned(earnings(m.payee));
        takeEarnings(m.payee, units);
        emit Refunded(m.payee, card_, units, units);
        charge(m.payee, by, id, units);
    }

    function releaseFor(
        bytes calldata message,
        bytes32 r,
        bytes32 vs,
        bytes calldata reversal,
        bytes32 y,
        bytes32 r2,
        bytes32 vs2
    ) external nonReentrant {
        CardMessages.Message memory m = CardMessages.readVoucher(message);
        address card_ = signerOf(message, r, vs);
        TerminalMessages.requireReversalOf(m, card_, reversal, y);
        address by = signerOf(reversal, r2, vs2);
        charge(m.payee, by, giveUp(message, m, card_), m.amount);
    }

    /// Counts units in the delegate's sum of the day.
    function charge(address payee, address by, bytes32 voucherId, uint48 units) private {
        Delegate storage d = delegate[payee][by];
        uint32 today = uint32(block.timestamp / 1 days);
        uint256 used = d.day == today ? d.used : 0;
        if (d.unitsPerDay == 0) revert NotDelegate(by);
        if (used + units > d.unitsPerDay) revert OverDayLimit(d.unitsPerDay, used);
        (d.used, d.day) = (uint48(used + units), today);
        emit Returned(payee, by, voucherId, units, today);
    }
}
