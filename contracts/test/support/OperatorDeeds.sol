// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {Deeds} from "./Deeds.sol";

/// @title Deeds of operators, honest and not: settling, racing, stealing, advancing, calling back.
abstract contract OperatorDeeds is Deeds {
    function settle(uint256 seed, uint256 damage) external deed(Deed.Settle) {
        if (signedVouchers.length == 0) earn(seed);
        (bytes memory payload, bool[] memory broken) = batch(seed, damage);
        bytes memory result = submit(payload, seed % 2 == 0);
        for (uint256 i = 0; i < broken.length; ++i) {
            vm.assertFalse(broken[i] && paidAt(result, i), "a damaged item was paid");
        }
        ++done[Deed.Settle];
    }

    /// Two operators submit one payload, then a third one that overlaps with it.
    function race(uint256 seed, uint256 other) external deed(Deed.Race) {
        if (signedVouchers.length == 0) earn(seed);
        (bytes memory payload, ) = batch(seed, 0);
        bytes memory first = submit(payload, false);
        bytes memory second = submit(payload, false);
        for (uint256 i = 0; i < first.length; ++i) {
            vm.assertEq(uint256(uint8(first[i] & second[i])), 0, "an item was paid twice");
        }
        (payload, ) = batch(seed ^ ((other % 4) << 8), 0);
        submit(payload, false);
        ++done[Deed.Race];
    }

    /// What was skipped is payable as long as its counter is unused and the balance suffices, whatever happened in between.
    function payLater(uint256 seed) external deed(Deed.PayLater) {
        address card = addressOf[keys[0]];
        fundNow(card, 1);
        publish(Signed(keys[0], shopAt(seed % SHOPS), lastOf[keys[0]] + 1, 1));
        for (uint256 i = 0; i < signedVouchers.length; ++i) {
            Signed memory v = signedVouchers[(i + (seed % signedVouchers.length)) % signedVouchers.length];
            if (!isPayable(v)) continue;
            payNow(v);
            ++done[Deed.PayLater];
            return;
        }
    }

    /// A thief with one card's key tries to spend another card, and to touch what is the merchants' and the owner's.
    function steal(uint256 which, uint256 victim, uint48 amount) external deed(Deed.Steal) {
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
            vm.assertFalse(taken, "a stranger did what is the owner's or a merchant's");
        }
        ++done[Deed.Steal];
    }

    function advance(uint256 seed, uint256 words) external deed(Deed.Advance) {
        Signed memory v;
        v.key = keys[seed % keys.length];
        v.payee = shopAt(0);
        v.counter = lastOf[v.key] + 700 + uint32(seed % 500);
        v.amount = 1;
        publish(v);
        (bytes32 r, bytes32 vs) = sign(v.key, messageOf(v));
        // The reference vault has nothing to advance.
        try vault.advance(messageOf(v), r, vs, 1 + (words % 8)) {
            ++done[Deed.Advance];
        } catch (bytes memory reason) {
            vm.assertEq(reason, abi.encodeWithSelector(IVault.NothingToAdvance.selector));
        }
    }

    /// The token calls the vault while it moves: only what anybody may do at any time succeeds.
    function reenter(uint256 which, uint256 kind, uint256 seed) external deed(Deed.Reenter) {
        address card = unflagged(which);
        bytes memory call = abi.encodeCall(IVault.fund, (card, 1));
        if (kind % 4 == 1) call = abi.encodeCall(IVault.withdraw, (shopAt(seed % SHOPS)));
        if (kind % 4 == 2) call = abi.encodeCall(IVault.refund, (card, 1));
        if (kind % 4 == 3 && signedVouchers.length > 0) {
            (bytes memory payload, ) = batch(seed, 0);
            call = abi.encodeCall(IVault.settle, (payload));
        }
        token.setCallback(address(vault), call);
        token.mint(address(this), scale);
        vault.fund(card, 1);
        if (kind % 4 != 3) vm.assertFalse(token.callbackSucceeded());
        ++done[Deed.Reenter];
    }
}
