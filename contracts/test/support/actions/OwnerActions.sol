// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../../src/IVault.sol";
import {Actions} from "./Actions.sol";

/// @title Actions of a card's owner: delayed withdrawals and voids.
abstract contract OwnerActions is Actions {
    struct Void {
        uint256 key;
        uint32 counter;
    }
    Void[] private voids;

    function requestWithdrawal(uint256 which, uint48 units) external action(Action.RequestWithdrawal) {
        address card = cardAt(which % keys.length);
        actingOwner = OWNER;
        vm.startPrank(OWNER);
        CardState storage c = cardStates[card];
        if (c.pending != 0 && block.timestamp <= c.readyAt + 7 days) vault.cancelWithdrawal(card);
        vault.requestWithdrawal(card, units == 0 ? 1 : units);
        vm.stopPrank();
        ++done[Action.RequestWithdrawal];
    }

    function cancelWithdrawal(uint256 which) external action(Action.CancelWithdrawal) {
        actingOwner = OWNER;
        address card = cardAt(which % keys.length);
        vm.startPrank(OWNER);
        if (cardStates[card].pending == 0) vault.requestWithdrawal(card, 1);
        vault.cancelWithdrawal(card);
        vm.stopPrank();
        ++done[Action.CancelWithdrawal];
    }

    /// The owner waits until a request is ripe, or finds that it expired and asks anew; vouchers may have come first.
    function withdrawFromCard(uint256 which, uint48 units, uint256 time) external action(Action.WithdrawFromCard) {
        address card = cardAt(which % keys.length);
        actingOwner = OWNER;
        CardState storage c = cardStates[card];
        vm.startPrank(OWNER);
        if (c.pending == 0) request(card, units);
        if (block.timestamp < c.readyAt) {
            refusesToPay(card);
            vm.warp(c.readyAt + (time % 8 days));
        }
        if (block.timestamp > c.readyAt + 7 days) {
            refusesToPay(card);
            request(card, units);
            vm.warp(c.readyAt);
        }
        vault.withdrawFromCard(card);
        vm.stopPrank();
        ++done[Action.WithdrawFromCard];
    }

    function request(address card, uint48 units) private {
        vault.requestWithdrawal(card, 1 + (units % (1 << 32)));
        absorb(address(vault), "");
    }

    function refusesToPay(address card) private {
        try vault.withdrawFromCard(card) {
            vm.assertTrue(false, "a withdrawal was paid too early or too late");
        } catch (bytes memory reason) {
            vm.assertEq(reason, abi.encodeWithSelector(IVault.NotRipe.selector, cardStates[card].readyAt));
        }
    }

    /// Asks to void the next counter, with the card's proof that it passed it; a voucher of it may be settled first.
    function requestVoid(uint256 which, uint256 payee, uint48 amount) external action(Action.RequestVoid) {
        loadVoid(which, payee, amount);
        ++done[Action.RequestVoid];
    }

    function loadVoid(uint256 which, uint256 payee, uint48 amount) private {
        uint256 key = keys[which % keys.length];
        uint32 counter = lastOf[key] + 1;
        publish(Signed(key, merchantAt(payee % MERCHANTS), counter, amount));
        (bytes32 r, bytes32 vs) = sign(key, proofOf(counter));
        actingOwner = OWNER;
        vm.prank(OWNER);
        vault.requestVoid(addressOf[key], counter, proofOf(counter), r, vs);
        voids.push(Void(key, counter));
        absorb(address(vault), "");
    }

    function executeVoid(uint256 which, bool settleFirst) external action(Action.ExecuteVoid) {
        if (voids.length == 0) loadVoid(which, 0, 5);
        Void memory v = voids[which % voids.length];
        voids[which % voids.length] = voids[voids.length - 1];
        voids.pop();
        address card = addressOf[v.key];
        if (block.timestamp < voidsReadyAt[card][v.counter]) vm.warp(voidsReadyAt[card][v.counter]);
        Signed memory s = Signed(v.key, merchantAt(0), v.counter, 1);
        publish(s);
        (bytes32 r, bytes32 vs) = sign(v.key, messageOf(s));
        try vault.advance(messageOf(s), r, vs, 64) {} catch {}
        if (settleFirst) vault.settle(payloadOf(s, card));
        absorb(address(vault), "");
        actingOwner = OWNER;
        vm.prank(OWNER);
        try vault.executeVoid(card, v.counter) {} catch (bytes memory reason) {
            // A settlement came first, and cancelled it.
            vm.assertEq(uses[card][v.counter], 1);
            vm.assertEq(reason, abi.encodeWithSelector(IVault.CounterUsed.selector, v.counter));
        }
        ++done[Action.ExecuteVoid];
    }
}
