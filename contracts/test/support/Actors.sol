// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {CardActions} from "./actions/CardActions.sol";
import {Cast} from "./Cast.sol";
import {DelegateActions} from "./actions/DelegateActions.sol";
import {MerchantActions} from "./actions/MerchantActions.sol";
import {MoodyDollar} from "./MoodyDollar.sol";
import {OperatorActions} from "./actions/OperatorActions.sol";
import {OwnerActions} from "./actions/OwnerActions.sol";

/// @title Holders, merchants, a thief, copied and hostile cards, an owner, operators who race: each call is one action, and every event
/// that comes of it goes into the rebuilt state, with which the invariants compare the vault.
contract Actors is CardActions, OperatorActions, MerchantActions, DelegateActions, OwnerActions {
    constructor(IVault vault_, MoodyDollar token_) Cast(vault_, token_) {
        vm.recordLogs();
        openNew(Role.Honest);
        openNew(Role.Cloned);
        openNew(Role.Hostile);
        absorb(address(vault_), "");
        token_.approve(address(vault_), type(uint256).max);
    }

    // ---- what is compared -----------------------------------------------------------------------------------------

    /// Units that somebody may claim: card balances and what merchants have not withdrawn, as the vault says.
    function claims() external view returns (uint256 sum) {
        for (uint256 i = 0; i < keys.length; ++i) {
            (uint48 balance, , , , , ) = vault.card(cardAt(i));
            sum += balance;
        }
        for (uint256 i = 0; i < MERCHANTS; ++i) {
            (uint128 earned, uint128 withdrawn) = vault.merchant(merchantAt(i));
            sum += earned - withdrawn;
        }
    }

    function compareCards() external view {
        for (uint256 i = 0; i < keys.length; ++i) {
            CardState storage c = cardStates[cardAt(i)];
            (uint48 balance, uint48 paid, bool flagged, address owner, uint48 pending, uint40 readyAt) = vault.card(
                cardAt(i)
            );
            vm.assertEq(balance, c.balance);
            vm.assertEq(paid, c.paid);
            vm.assertTrue(flagged == c.flagged);
            vm.assertEq(owner, c.owner);
            vm.assertEq(pending, c.pending);
            vm.assertEq(readyAt, c.readyAt);
        }
    }

    function compareMerchants() external view {
        for (uint256 i = 0; i < MERCHANTS; ++i) {
            (uint128 earned, uint128 withdrawn) = vault.merchant(merchantAt(i));
            vm.assertEq(earned, merchantStates[merchantAt(i)].earned);
            vm.assertEq(withdrawn, merchantStates[merchantAt(i)].withdrawn);
            vm.assertEq(vault.reserve(merchantAt(i)), reserves[merchantAt(i)]);
            for (uint256 k = 0; k < 2; ++k) compareDelegate(merchantAt(i), delegateAt(merchantAt(i), k));
        }
        (uint128 stolen, ) = vault.merchant(THIEF);
        vm.assertEq(stolen, 0);
    }

    function compareDelegate(address merchant, address key) private view {
        (uint48 limit, uint48 used, uint32 day) = vault.delegate(merchant, key);
        vm.assertEq(limit, limits[merchant][key]);
        vm.assertEq(used, usedOn[merchant][key][day]);
        vm.assertTrue(day == block.timestamp / 1 days || usedOn[merchant][key][block.timestamp / 1 days] == 0);
    }

    /// The counters of the vouchers that were signed last, and the counters after them.
    function compareCounters(uint256 most) external view {
        uint256 count = signedVouchers.length;
        for (uint256 i = count > most ? count - most : 0; i < count; ++i) {
            (address card, uint32 counter) = (addressOf[signedVouchers[i].key], signedVouchers[i].counter);
            for (uint32 next = counter; next < counter + 2; ++next) {
                vm.assertTrue(vault.isUsed(card, next) == (uses[card][next] == 1), "a counter differs");
            }
            vm.assertEq(vault.voidReadyAt(card, counter), voidsReadyAt[card][counter]);
            bytes32 id = idOf(signedVouchers[i]);
            vm.assertEq(vault.returned(id), returnedUnits[id]);
        }
        vm.assertFalse(vault.isUsed(cardAt(0), 0), "counter 0 counts nothing");
    }
}
