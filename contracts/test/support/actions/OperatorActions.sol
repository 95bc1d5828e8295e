// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../../src/IVault.sol";
import {Actions} from "./Actions.sol";

/// @title Actions of operators, honest and not: settling, racing, stealing, advancing, calling back.
abstract contract OperatorActions is Actions {
    function settle(uint256 seed, uint256 damage) external action(Action.Settle) {
        if (signedVouchers.length == 0) earn(seed);
        (bytes memory payload, bool[] memory broken) = batch(seed, damage);
        bytes memory result = submit(payload, seed % 2 == 0);
        for (uint256 i = 0; i < broken.length; ++i) {
            vm.assertFalse(broken[i] && paidAt(result, i), "a damaged item was paid");
        }
        ++done[Action.Settle];
    }

    /// Two operators submit one payload, then a third one that overlaps with it.
    function race(uint256 seed, uint256 other) external action(Action.Race) {
        if (signedVouchers.length == 0) earn(seed);
        (bytes memory payload, ) = batch(seed, 0);
        bytes memory first = submit(payload, false);
        bytes memory second = submit(payload, false);
        for (uint256 i = 0; i < first.length; ++i) {
            vm.assertEq(uint256(uint8(first[i] & second[i])), 0, "an item was paid twice");
        }
        (payload, ) = batch(seed ^ ((other % 4) << 8), 0);
        submit(payload, false);
        ++done[Action.Race];
    }

    /// What was skipped is payable as long as its counter is unused and the balance suffices, whatever happened in between.
    function payLater(uint256 seed) external action(Action.PayLater) {
        address card = addressOf[keys[0]];
        fundNow(card, 1);
        publish(Signed(keys[0], merchantAt(seed % MERCHANTS), lastOf[keys[0]] + 1, 1));
        for (uint256 i = 0; i < signedVouchers.length; ++i) {
            Signed memory v = signedVouchers[(i + (seed % signedVouchers.length)) % signedVouchers.length];
            if (!isPayable(v)) continue;
            payNow(v);
            ++done[Action.PayLater];
            return;
        }
    }

    /// A thief with one card's key tries to spend another card, and to touch what is the merchants' and the owner's.
    function steal(uint256 which, uint256 victim, uint48 amount) external action(Action.Steal) {
        address card = cardAt(victim % keys.length);
        Signed memory v = Signed(keys[which % keys.length], THIEF, lastOf[keys[victim % keys.length]] + 1, amount);
        if (addressOf[v.key] == card) v.key = 0xbad;
        vm.assertEq(vault.settle(payloadOf(v, card)), hex"00");
        bytes[5] memory calls = [
            abi.encodeCall(IVault.requestWithdrawal, (card, 1)),
            abi.encodeCall(IVault.withdrawFromCard, (card)),
            abi.encodeCall(IVault.cancelWithdrawal, (card)),
            abi.encodeCall(IVault.executeVoid, (card, 1)),
            abi.encodeCall(IVault.withdrawTo, (THIEF))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(THIEF);
            (bool taken, ) = address(vault).call(calls[i]);
            vm.assertFalse(taken, "another account did what is the owner's or a merchant's");
        }
        ++done[Action.Steal];
    }

    function advance(uint256 seed, uint256 words) external action(Action.Advance) {
        Signed memory v;
        v.key = keys[seed % keys.length];
        v.payee = merchantAt(0);
        v.counter = lastOf[v.key] + 700 + uint32(seed % 500);
        v.amount = 1;
        publish(v);
        (bytes32 r, bytes32 vs) = sign(v.key, messageOf(v));
        // The reference vault has nothing to advance.
        try vault.advance(messageOf(v), r, vs, 1 + (words % 8)) {
            ++done[Action.Advance];
        } catch (bytes memory reason) {
            vm.assertEq(reason, abi.encodeWithSelector(IVault.NothingToAdvance.selector));
        }
    }

    /// The token calls the vault while it moves: only what anybody may do at any time succeeds.
    function reenter(uint256 which, uint256 kind, uint256 seed) external action(Action.Reenter) {
        address card = unflagged(which);
        bytes memory call = abi.encodeCall(IVault.fund, (card, 1));
        if (kind % 4 == 1) call = abi.encodeCall(IVault.withdraw, (merchantAt(seed % MERCHANTS)));
        if (kind % 4 == 2) call = abi.encodeCall(IVault.refund, (card, 1));
        if (kind % 4 == 3 && signedVouchers.length > 0) {
            (bytes memory payload, ) = batch(seed, 0);
            call = abi.encodeCall(IVault.settle, (payload));
        }
        token.setCallback(address(vault), call);
        token.mint(address(this), scale);
        vault.fund(card, 1);
        if (kind % 4 != 3) vm.assertFalse(token.callbackSucceeded());
        ++done[Action.Reenter];
    }
}
