// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {Vm} from "./Vm.sol";

/// @title A vault's state as anyone can rebuild it from its events and the calldata of settlements, with the rules that each
/// event must keep. It knows nothing of how a vault stores what it knows.
abstract contract Rebuilt {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    struct CardState {
        uint256 balance;
        uint256 paid;
        bool flagged;
        address owner;
        uint256 pending;
        uint256 readyAt;
    }

    struct MerchantState {
        uint256 earned;
        uint256 withdrawn;
    }

    /// A voucher that some card's key signed, by its id.
    struct Known {
        address card;
        uint32 counter;
        uint48 amount;
    }

    /// What a Refunded or Released still needs beside it: who gave back, and how much.
    struct Owed {
        address payee;
        uint256 units;
        bool released;
    }

    mapping(address => CardState) internal cardStates;
    mapping(address => MerchantState) internal merchantStates;
    /// How often a counter was settled, released or voided: never more than once.
    mapping(address => mapping(uint32 => uint256)) internal uses;
    mapping(address => mapping(uint32 => uint256)) internal voidsReadyAt;
    /// What a card's key, or a copy of it, signed to be paid: keccak256(payee, counter, amount, context).
    mapping(address => mapping(bytes32 => bool)) internal signedBy;

    mapping(bytes32 => Known) internal knownVouchers;
    /// Units of a voucher that were given back, as far as the vault knows the voucher.
    mapping(bytes32 => uint256) internal returnedUnits;
    mapping(address => uint256) internal reserves;
    /// What a payee's delegate may give back in a day, and what it gave back on each.
    mapping(address => mapping(address => uint256)) internal limits;
    mapping(address => mapping(address => mapping(uint256 => uint256))) internal usedOn;
    Owed private owed;

    /// Who is at work in the action under way: only it may lower what is its own.
    address internal actingOwner;
    address internal actingMerchant;

    /// Takes in the events of one action. `sent` is the payload of a settlement whose event does not show it.
    function absorb(address vault_, bytes memory sent) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == vault_) take(logs[i], sent);
        }
        vm.assertEq(owed.payee, address(0));
    }

    function take(Vm.Log memory log, bytes memory sent) private {
        bytes32 kind = log.topics[0];
        if (kind == IVault.Settled.selector) return takeSettlement(log.data, sent);
        address first = address(uint160(uint256(log.topics[1])));
        if (kind == IVault.Returned.selector) return takeReturned(first, log);
        vm.assertEq(owed.payee, address(0));
        if (kind == IVault.DelegateSet.selector || kind == IVault.ReserveSet.selector) return takeSetting(first, log);
        if (kind == IVault.Withdrawn.selector) return takeWithdrawn(first, log);
        if (kind == IVault.Refunded.selector) return takeRefunded(first, log);
        if (kind == IVault.Opened.selector) {
            vm.assertEq(cardStates[first].owner, address(0));
            cardStates[first].owner = address(uint160(uint256(log.topics[2])));
        } else if (kind == IVault.Funded.selector) {
            credit(first, abi.decode(log.data, (uint256)));
        } else if (kind == IVault.Released.selector) {
            (uint32 counter, uint256 units) = abi.decode(log.data, (uint32, uint256));
            use(first, counter);
            owed = Owed(address(uint160(uint256(log.topics[2]))), units, true);
        } else if (kind == IVault.EquivocationProved.selector) {
            cardStates[first].flagged = true;
        } else if (kind != IVault.Advanced.selector) {
            takeOwners(kind, first, log.data);
        }
    }

    function takeOwners(bytes32 kind, address card, bytes memory data) private {
        vm.assertEq(cardStates[card].owner, actingOwner);
        CardState storage c = cardStates[card];
        if (kind == IVault.WithdrawalRequested.selector) {
            (c.pending, c.readyAt) = abi.decode(data, (uint256, uint256));
        } else if (kind == IVault.WithdrawalCancelled.selector) {
            (c.pending, c.readyAt) = (0, 0);
        } else if (kind == IVault.CardWithdrawn.selector) {
            uint256 units = abi.decode(data, (uint256));
            vm.assertTrue(block.timestamp >= c.readyAt && block.timestamp <= c.readyAt + 7 days, "not ripe");
            vm.assertEq(units, c.pending < c.balance ? c.pending : c.balance);
            c.balance -= units;
            (c.pending, c.readyAt) = (0, 0);
        } else if (kind == IVault.VoidRequested.selector) {
            (uint32 counter, uint256 readyAt) = abi.decode(data, (uint32, uint256));
            vm.assertEq(uses[card][counter], 0);
            voidsReadyAt[card][counter] = readyAt;
        } else {
            vm.assertEq(kind, IVault.Voided.selector);
            uint32 counter = abi.decode(data, (uint32));
            vm.assertTrue(voidsReadyAt[card][counter] != 0 && block.timestamp >= voidsReadyAt[card][counter], "early");
            voidsReadyAt[card][counter] = 0;
            use(card, counter);
        }
    }

    function takeWithdrawn(address merchant, Vm.Log memory log) private {
        address to = address(uint160(uint256(log.topics[2])));
        vm.assertTrue(to == merchant || merchant == actingMerchant, "earnings went to somebody else");
        MerchantState storage m = merchantStates[merchant];
        m.withdrawn += abi.decode(log.data, (uint256));
        if (merchant != actingMerchant) vm.assertEq(m.earned - m.withdrawn, reserves[merchant]);
    }

    function takeRefunded(address merchant, Vm.Log memory log) private {
        (uint256 units, uint256 fromEarnings) = abi.decode(log.data, (uint256, uint256));
        if (merchant != actingMerchant) {
            // On a delegate's order, which moves no token.
            vm.assertEq(fromEarnings, units);
            owed = Owed(merchant, units, false);
        }
        credit(address(uint160(uint256(log.topics[2]))), units);
        merchantStates[merchant].withdrawn += fromEarnings;
    }

    /// What belongs to a payee is set by itself.
    function takeSetting(address payee, Vm.Log memory log) private {
        vm.assertEq(payee, actingMerchant);
        uint256 units = abi.decode(log.data, (uint256));
        if (log.topics[0] == IVault.ReserveSet.selector) reserves[payee] = units;
        else limits[payee][address(uint160(uint256(log.topics[2])))] = units;
    }

    /// Given back beside a refund or a release: of a voucher that its card signed and that is used up, never more than its amount,
    /// by the payee itself or by a delegate within its limit for the day.
    function takeReturned(address payee, Vm.Log memory log) private {
        address delegate = address(uint160(uint256(log.topics[2])));
        (uint256 units, uint32 day) = abi.decode(log.data, (uint256, uint32));
        vm.assertEq(payee, owed.payee);
        vm.assertEq(units, owed.units);
        vm.assertEq(day, block.timestamp / 1 days);
        if (delegate == address(0)) {
            vm.assertTrue(owed.released && payee == actingMerchant, "nobody gave back");
        } else {
            usedOn[payee][delegate][day] += units;
            vm.assertGe(limits[payee][delegate], usedOn[payee][delegate][day], "a delegate passed its limit");
        }
        bytes32 id = log.topics[3];
        returnedUnits[id] += units;
        Known storage v = knownVouchers[id];
        vm.assertEq(uses[v.card][v.counter], 1);
        vm.assertGe(v.amount, returnedUnits[id], "more was given back than was paid");
        delete owed;
    }

    function credit(address card, uint256 units) private {
        CardState storage c = cardStates[card];
        vm.assertTrue(c.owner != address(0) && !c.flagged, "money went to a card that takes none");
        c.balance += units;
    }

    function takeSettlement(bytes memory data, bytes memory sent) private {
        (bytes32 hash, , , bytes memory result, bytes memory shown) = abi.decode(
            data,
            (bytes32, bytes32, bytes32, bytes, bytes)
        );
        bytes memory payload = shown.length > 0 ? shown : sent;
        vm.assertEq(hash, keccak256(payload));
        uint256 at = 66 + 20 * word(payload, 64, 2);
        uint256 index = 0;
        while (at < payload.length) {
            address payee = address(uint160(word(payload, 66 + 20 * word(payload, at, 2), 20)));
            address card = address(uint160(word(payload, at + 2, 20)));
            uint256 n = word(payload, at + 22, 2);
            at += 24;
            for (; n > 0; --n) {
                if ((uint8(result[index / 8]) >> (index % 8)) & 1 == 1) {
                    takePayment(card, payee, uint32(word(payload, at, 4)), uint48(word(payload, at + 4, 6)));
                    bytes20 context = bytes20(uint160(word(payload, at + 10, 20)));
                    requireSigned(card, payee, payload, at, context);
                }
                at += 94;
                ++index;
            }
        }
        vm.assertEq(result.length, (index + 7) / 8);
    }

    function requireSigned(
        address card,
        address payee,
        bytes memory payload,
        uint256 at,
        bytes20 context
    ) private view {
        bytes32 what = voucherHash(payee, uint32(word(payload, at, 4)), uint48(word(payload, at + 4, 6)), context);
        vm.assertTrue(signedBy[card][what], "the card never signed what was paid");
    }

    function takePayment(address card, address payee, uint32 counter, uint48 amount) private {
        vm.assertTrue(couldPay(card, payee, counter, amount), "paid what cannot be paid");
        use(card, counter);
        cardStates[card].balance -= amount;
        cardStates[card].paid += amount;
        merchantStates[payee].earned += amount;
    }

    function use(address card, uint32 counter) private {
        vm.assertEq(++uses[card][counter], 1);
    }

    /// Whether nothing but a signature, and room in the window, is missing for a payment.
    function couldPay(address card, address payee, uint32 counter, uint48 amount) internal view returns (bool) {
        CardState storage c = cardStates[card];
        return
            payee != address(0) &&
            counter > 0 &&
            amount > 0 &&
            uses[card][counter] == 0 &&
            amount <= c.balance &&
            c.paid + amount <= type(uint48).max;
    }

    function voucherHash(
        address payee,
        uint32 counter,
        uint48 amount,
        bytes20 context
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(payee, counter, amount, context));
    }

    function word(bytes memory data, uint256 at, uint256 length) private pure returns (uint256 value) {
        for (uint256 i = 0; i < length; ++i) value = (value << 8) | uint8(data[at + i]);
    }
}
