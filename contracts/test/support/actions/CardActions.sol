// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../../src/IVault.sol";
import {Actions} from "./Actions.sol";
import {TokenSignatures} from "../TokenSignatures.sol";

/// @title Actions of issuers and of honest, copied and hostile cards: money in, payments, evidence.
abstract contract CardActions is Actions {
    // ---- money in -------------------------------------------------------------------------------------------------

    function fund(uint256 which, uint32 units) external action(Action.Fund) {
        address card = unflagged(which);
        uint256 amount = uint256(units) + 1;
        token.mint(address(this), amount * scale);
        vault.fund(card, amount);
        ++done[Action.Fund];
    }

    function fundWithPermit(uint256 which, uint32 units) external action(Action.FundWithPermit) {
        uint256 amount = uint256(units) + 1;
        token.mint(vm.addr(PAYER_KEY), amount * scale);
        TokenSignatures.Signature memory by = permitOf(amount * scale);
        address card = unflagged(which);
        // Now and then somebody copies the permit and submits it first.
        if (which % 3 == 0)
            token.permit(vm.addr(PAYER_KEY), address(vault), amount * scale, type(uint256).max, by.v, by.r, by.s);
        vm.prank(vm.addr(PAYER_KEY));
        vault.fundWithPermit(card, amount, type(uint256).max, by.v, by.r, by.s);
        ++done[Action.FundWithPermit];
    }

    function fundWithAuthorization(uint256 which, uint32 units) external action(Action.FundWithAuthorization) {
        uint256 amount = uint256(units) + 1;
        address payer = vm.addr(PAYER_KEY);
        token.mint(payer, amount * scale);
        address card = unflagged(which);
        (bytes32 salt, TokenSignatures.Signature memory by) = authorizationOf(card, amount * scale);
        // A copy cannot fund another card.
        for (uint256 i = 0; i < keys.length; ++i) {
            if (cardAt(i) == card) continue;
            vm.prank(THIEF);
            try vault.fundWithAuthorization(cardAt(i), amount, payer, salt, 0, type(uint256).max, by.v, by.r, by.s) {
                vm.assertTrue(false, "an authorization funded another card");
            } catch {}
        }
        forget();
        vault.fundWithAuthorization(card, amount, payer, salt, 0, type(uint256).max, by.v, by.r, by.s);
        ++done[Action.FundWithAuthorization];
    }

    function gift(uint32 units) external action(Action.Gift) {
        token.mint(address(vault), units);
        gifts += units;
        ++done[Action.Gift];
    }

    /// A token that takes a fee funds nothing.
    function fundWithAFee(uint256 which, uint32 units) external action(Action.FundWithAFee) {
        uint256 amount = (uint256(units) + 1) * scale;
        token.mint(address(this), amount);
        token.setFee(1);
        try vault.fund(unflagged(which), uint256(units) + 1) {
            vm.assertTrue(false, "a deposit that fell short was taken");
        } catch (bytes memory reason) {
            vm.assertEq(reason, abi.encodeWithSelector(IVault.InexactTransfer.selector, amount, amount - 1));
        }
        token.setFee(0);
        forget();
        ++done[Action.FundWithAFee];
    }

    // ---- cards ----------------------------------------------------------------------------------------------------

    /// A holder pays a payee some times, mostly by the next counters; the vouchers lie with the payee until somebody submits them.
    function pay(uint256 which, uint256 payee, uint256 seed) external action(Action.Pay) {
        uint256 key = keys[which % keys.length];
        // The issuer tops the card up, mostly.
        if (seed % 4 > 0 && !cardStates[addressOf[key]].flagged) fundNow(addressOf[key], 1 << 31);
        for (uint256 i = 0; i < 1 + (seed % 5); ++i) {
            uint32 counter = lastOf[key] + 1 + (seed % 11 == 0 ? uint32((seed >> 20) % 300) : 0);
            publish(Signed(key, merchantAt(payee % MERCHANTS), counter, uint48((seed >> (40 + 8 * i)) % (1 << 31))));
        }
        ++done[Action.Pay];
    }

    /// A copy of a card signs other vouchers under counters that the card used.
    function payByTheClone(uint256 payee, uint256 seed) external action(Action.PayByTheClone) {
        uint256 key = clone();
        uint32 counter = 1 + uint32(seed % (uint256(lastOf[key]) + 1));
        publish(Signed(key, merchantAt(payee % MERCHANTS), counter, uint48((seed >> 40) % (1 << 31))));
        ++done[Action.PayByTheClone];
    }

    /// A hostile card leaps ahead, so that gap words must be written.
    function spray(uint256 payee, uint256 seed) external action(Action.Spray) {
        uint256 key = keys[uint256(Role.Hostile)];
        for (uint256 i = 0; i < 3; ++i) {
            uint32 counter = lastOf[key] + 1 + uint32((seed >> (16 * i)) % 900);
            publish(Signed(key, merchantAt(payee % MERCHANTS), counter, uint48(1 + ((seed >> 60) % 1000))));
        }
        ++done[Action.Spray];
    }

    // ---- evidence -------------------------------------------------------------------------------------------------

    /// A copied card is convicted and replaced.
    function convict(uint32 counter) external action(Action.Convict) {
        uint256 key = clone();
        bytes memory first = messageOf(Signed(key, merchantAt(0), counter, 1));
        bytes memory second = messageOf(Signed(key, merchantAt(1), counter, 1));
        vault.proveEquivocation(signedMessage(key, first), signedMessage(key, second));
        if (keys.length < MAX_CARDS) openNew(Role.Cloned);
        ++done[Action.Convict];
    }

    function signedMessage(uint256 key, bytes memory message) private pure returns (IVault.SignedMessage memory) {
        (bytes32 r, bytes32 vs) = sign(key, message);
        return IVault.SignedMessage(message, r, vs);
    }
}
