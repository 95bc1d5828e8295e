// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../src/IVault.sol";
import {PackedVault} from "../src/PackedVault.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Gas per voucher, all in: 21,000, calldata by byte, access list, and execution with cold storage. Kept in
/// snapshots/PackedGas.json; a change fails until FORGE_SNAPSHOT_CHECK=false writes it anew.
/// @notice A transaction names the words of its cards in an access list (EIP-2930) where that is cheaper, as settlement sends it.
contract PackedGasTest is Fixture {
    uint256 private constant CARDS = 1_000;
    uint256 private constant VOUCHERS = 1_000;
    uint256 private constant FIRST_KEY = 0x6a5000;
    uint256 private constant LISTED_ADDRESS_GAS = 2_400;
    uint256 private constant LISTED_SLOT_GAS = 1_900;
    /// What a storage word that the list names costs less when it is first read.
    uint256 private constant WARM_GAIN = 2_000;

    mapping(uint256 => uint32) private counters;

    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }

    /// Every card has been funded and has paid once; every merchant has earned.
    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < CARDS; ++i) {
            openCard(FIRST_KEY + i, OWNER);
            fund(vm.addr(FIRST_KEY + i), 1_000_000);
        }
        vault.settle(batch({vouchers: VOUCHERS, perCard: 1, merchants: 100, ahead: 0}));
    }

    function merchant(uint256 i) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("merchant", i)))));
    }

    function batch(
        uint256 vouchers,
        uint256 perCard,
        uint256 merchants,
        uint32 ahead
    ) private returns (bytes memory made) {
        address[] memory payees = new address[](merchants);
        for (uint256 i = 0; i < merchants; ++i) payees[i] = merchant(i);
        made = head(payees);
        bytes[] memory groups = new bytes[]((vouchers + perCard - 1) / perCard);
        for (uint256 k = 0; k < groups.length; ++k) {
            bytes[] memory items = new bytes[](perCard);
            for (uint256 i = 0; i < perCard; ++i) {
                counters[k] += 1 + ahead;
                items[i] = itemOf(k, merchant(k % merchants), counters[k]);
            }
            groups[k] = group(uint16(k % merchants), vm.addr(FIRST_KEY + k), items);
        }
        return bytes.concat(made, join(groups, 0, groups.length));
    }

    function itemOf(uint256 k, address payee, uint32 counter) private view returns (bytes memory) {
        return item(Voucher(FIRST_KEY + k, payee, counter, 1_000, bytes20(keccak256(abi.encode(k, counter)))));
    }

    /// By halves, so that a long payload is not copied again for each group.
    function join(bytes[] memory parts, uint256 from, uint256 to) private pure returns (bytes memory) {
        if (to - from == 1) return parts[from];
        uint256 middle = (from + to) / 2;
        return bytes.concat(join(parts, from, middle), join(parts, middle, to));
    }

    function calldataGas(bytes memory data) private pure returns (uint256 gas) {
        uint256 zeros = 0;
        for (uint256 i = 0; i < data.length; ++i) if (data[i] == 0) ++zeros;
        return 4 * zeros + 16 * (data.length - zeros);
    }

    /// Reads the words of the first cards, which warms them, and answers what listing them costs; nothing where it would not pay.
    function listCards(uint256 cards) private returns (uint256 gas) {
        gas = LISTED_ADDRESS_GAS + cards * LISTED_SLOT_GAS;
        if (gas >= cards * WARM_GAIN) return 0;
        for (uint256 k = 0; k < cards; ++k) {
            vm.load(address(vault), bytes32(uint256(uint160(vm.addr(FIRST_KEY + k)))));
        }
    }

    function measure(string memory name, bytes memory made, uint256 vouchers, uint256 most) private {
        measureListed(name, made, vouchers, 0, most);
    }

    function measureListed(
        string memory name,
        bytes memory made,
        uint256 vouchers,
        uint256 listed,
        uint256 most
    ) private {
        bytes memory call = abi.encodeCall(IVault.settle, (made));
        uint256 intrinsic = 21_000 + calldataGas(call);
        vm.cool(address(vault));
        intrinsic += listCards(listed);
        vm.prank(ISSUER, ISSUER);
        (bool done, bytes memory answer) = address(vault).call(call);
        uint256 perVoucher = (vm.lastCallGas().gasTotalUsed + intrinsic) / vouchers;
        vm.assertTrue(done);
        bytes memory result = abi.decode(answer, (bytes));
        for (uint256 i = 0; i < vouchers; ++i) vm.assertTrue((uint8(result[i / 8]) >> (i % 8)) & 1 == 1);
        vm.assertLe(perVoucher, most);
        vm.snapshotValue("PackedGas", name, perVoucher);
    }

    function test_gas_onePerCard() public {
        measureListed("1 per card", batch(VOUCHERS, 1, 10, 0), VOUCHERS, VOUCHERS, 10_700);
    }

    function test_gas_onePerCardUnlisted() public {
        measure("1 per card, no access list", batch(VOUCHERS, 1, 10, 0), VOUCHERS, 10_800);
    }

    function test_gas_tenPerCard() public {
        measureListed("10 per card", batch(VOUCHERS, 10, 10, 0), VOUCHERS, VOUCHERS / 10, 6_300);
    }

    function test_gas_hundredPerCard() public {
        measureListed("100 per card", batch(VOUCHERS, 100, 10, 0), VOUCHERS, VOUCHERS / 100, 5_800);
    }

    function test_gas_hundredMerchants() public {
        measureListed("100 merchants, 10 per card", batch(VOUCHERS, 10, 100, 0), VOUCHERS, VOUCHERS / 10, 6_800);
    }

    function test_gas_selfClaim() public {
        measure("self-claim", batch(1, 1, 1, 0), 1, 60_000);
    }

    function test_gas_spill() public {
        measure("spill into one new gap word", batch(1, 1, 1, 200), 1, 85_000);
    }

    function test_gas_lateVoucher() public {
        vault.settle(batch(1, 1, 1, 200));
        bytes[] memory items = new bytes[](1);
        items[0] = itemOf(0, merchant(0), 2);
        address[] memory payees = new address[](1);
        payees[0] = merchant(0);
        measure("late voucher", bytes.concat(head(payees), group(0, vm.addr(FIRST_KEY), items)), 1, 65_000);
    }
}
