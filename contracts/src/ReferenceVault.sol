// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {CardMessages} from "./CardMessages.sol";
import {IReceiveWithAuthorization} from "./IReceiveWithAuthorization.sol";
import {IVault} from "./IVault.sol";

/// @title The vault in its plainest form: one guard a line, a bitmap of 256 counters a word.
/// @notice It stays as the measure of every faster vault.
contract ReferenceVault is IVault, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct Card {
        uint48 balance;
        uint48 paid;
        bool flagged;
        address owner;
        uint48 pending;
        uint40 readyAt;
    }

    struct Merchant {
        uint128 earned;
        uint128 withdrawn;
    }

    uint256 public constant DELAY = 16 days;
    uint256 public constant EXPIRY = 7 days;

    address public immutable token;
    uint256 public immutable scale;

    mapping(address => Card) public card;
    mapping(address => Merchant) public merchant;
    mapping(address => mapping(uint32 => uint40)) public voidReadyAt;
    /// Bit counter % 256 of word counter / 256: the counter was settled, released or voided.
    mapping(address => mapping(uint256 => uint256)) private used;

    modifier onlyOwner(address card_) {
        if (msg.sender != card[card_].owner) revert NotOwner(msg.sender);
        _;
    }

    constructor(address token_, uint256 scale_) {
        if (token_.code.length == 0) revert ZeroAddress();
        uint8 decimals = IERC20Metadata(token_).decimals();
        // One unit is at least one base unit and at most one whole token.
        if (scale_ == 0 || decimals > 36 || scale_ > 10 ** decimals) revert Overflow();
        token = token_;
        scale = scale_;
    }

    function isUsed(address card_, uint32 counter) public view returns (bool) {
        return (used[card_][counter >> 8] >> (counter & 255)) & 1 == 1;
    }

    // ---- cards ----------------------------------------------------------------------------------------------------

    function open(address card_, address owner, bytes32 r, bytes32 vs) external {
        if (card_ == address(0) || owner == address(0)) revert ZeroAddress();
        if (card[card_].owner != address(0)) revert AlreadyOpen(card_);
        if (CardMessages.signer(CardMessages.opening(owner), r, vs) != card_) revert BadSignature();
        card[card_].owner = owner;
        emit Opened(card_, owner);
    }

    function fund(address card_, uint256 units) external nonReentrant {
        credit(card_, units);
        pull(msg.sender, units);
        emit Funded(card_, msg.sender, units);
    }

    function fundWithPermit(address card_, uint256 units, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external nonReentrant {
        credit(card_, units);
        // A permit that somebody else has already submitted reverts here and has given the allowance all the same.
        try IERC20Permit(token).permit(msg.sender, address(this), units * scale, deadline, v, r, s) {} catch {}
        pull(msg.sender, units);
        emit Funded(card_, msg.sender, units);
    }

    function fundWithAuthorization(
        address card_,
        uint256 units,
        address from,
        bytes32 salt,
        uint256 validAfter,
        uint256 validBefore,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        credit(card_, units);
        uint256 before = IERC20(token).balanceOf(address(this));
        bytes32 nonce = keccak256(abi.encodePacked(card_, salt));
        IReceiveWithAuthorization(token).receiveWithAuthorization(
            from, address(this), units * scale, validAfter, validBefore, nonce, v, r, s
        );
        requireReceived(before, units);
        emit Funded(card_, from, units);
    }

    // ---- vouchers -------------------------------------------------------------------------------------------------

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
        // An account without code that starts the transaction leaves the payload in its calldata for everybody to read.
        bool plain = msg.sender == tx.origin && msg.sender.code.length == 0;
        bytes memory shown = plain ? bytes("") : payload;
        emit Settled(msg.sender, keccak256(payload), bytes32(payload[0:32]), bytes32(payload[32:64]), result, shown);
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
        Card storage c = card[card_];
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

    function release(bytes calldata message, bytes32 r, bytes32 vs) external {
        CardMessages.Message memory m = CardMessages.readVoucher(message);
        if (msg.sender != m.payee) revert NotPayee(msg.sender);
        address card_ = CardMessages.signer(message, r, vs);
        if (card_ == address(0)) revert BadSignature();
        if (card[card_].owner == address(0)) revert NotOpen(card_);
        if (m.counter == 0 || isUsed(card_, m.counter)) revert CounterUsed(m.counter);
        markUsed(card_, m.counter);
        emit Released(card_, m.payee, m.counter, m.amount);
    }

    // ---- merchants ------------------------------------------------------------------------------------------------

    function withdraw(address merchant_) external nonReentrant returns (uint256 units) {
        return payOut(merchant_, merchant_);
    }

    function withdrawTo(address to) external nonReentrant returns (uint256 units) {
        if (to == address(0)) revert ZeroAddress();
        return payOut(msg.sender, to);
    }

    function refund(address card_, uint256 units) external nonReentrant {
        credit(card_, units);
        Merchant storage m = merchant[msg.sender];
        uint256 fromEarnings = m.earned - m.withdrawn;
        if (fromEarnings > units) fromEarnings = units;
        m.withdrawn += uint128(fromEarnings);
        if (fromEarnings < units) pull(msg.sender, units - fromEarnings);
        emit Refunded(msg.sender, card_, units, fromEarnings);
    }

    // ---- owners ---------------------------------------------------------------------------------------------------

    function requestWithdrawal(address card_, uint256 units) external onlyOwner(card_) {
        Card storage c = card[card_];
        if (units == 0) revert ZeroAmount();
        if (units > type(uint48).max) revert Overflow();
        if (c.pending != 0 && block.timestamp <= c.readyAt + EXPIRY) revert WithdrawalPending(c.readyAt);
        c.pending = uint48(units);
        c.readyAt = uint40(block.timestamp + DELAY);
        emit WithdrawalRequested(card_, units, c.readyAt);
    }

    function cancelWithdrawal(address card_) external onlyOwner(card_) {
        Card storage c = card[card_];
        if (c.pending == 0) revert NotRipe(0);
        (c.pending, c.readyAt) = (0, 0);
        emit WithdrawalCancelled(card_);
    }

    function withdrawFromCard(address card_) external onlyOwner(card_) nonReentrant returns (uint256 units) {
        Card storage c = card[card_];
        if (c.pending == 0 || block.timestamp < c.readyAt || block.timestamp > c.readyAt + EXPIRY) revert NotRipe(c.readyAt);
        units = c.pending < c.balance ? c.pending : c.balance;
        (c.pending, c.readyAt) = (0, 0);
        c.balance -= uint48(units);
        if (units > 0) IERC20(token).safeTransfer(c.owner, units * scale);
        emit CardWithdrawn(card_, c.owner, units);
    }

    function requestVoid(address card_, uint32 counter, bytes calldata proof, bytes32 r, bytes32 vs) external onlyOwner(card_) {
        if (counter == 0 || isUsed(card_, counter)) revert CounterUsed(counter);
        bool proved = proof.length == CardMessages.MESSAGE_LENGTH
            ? CardMessages.readVoucher(proof).counter > counter
            : CardMessages.readProofCounter(proof) >= counter;
        if (!proved) revert NoProof();
        if (CardMessages.signer(proof, r, vs) != card_) revert BadSignature();
        if (voidReadyAt[card_][counter] != 0) revert WithdrawalPending(voidReadyAt[card_][counter]);
        uint40 readyAt = uint40(block.timestamp + DELAY);
        voidReadyAt[card_][counter] = readyAt;
        emit VoidRequested(card_, counter, readyAt);
    }

    function executeVoid(address card_, uint32 counter) external onlyOwner(card_) {
        uint40 readyAt = voidReadyAt[card_][counter];
        if (isUsed(card_, counter)) revert CounterUsed(counter);
        if (readyAt == 0 || block.timestamp < readyAt) revert NotRipe(readyAt);
        delete voidReadyAt[card_][counter];
        markUsed(card_, counter);
        emit Voided(card_, counter);
    }

    // ---- proofs against a card ------------------------------------------------------------------------------------

    function proveEquivocation(SignedMessage calldata first, SignedMessage calldata second) external {
        uint32 counter = CardMessages.readVoucher(first.message).counter;
        if (CardMessages.readVoucher(second.message).counter != counter) revert NoEquivocation();
        if (keccak256(first.message) == keccak256(second.message)) revert NoEquivocation();
        convict(first, second);
    }

    function proveInconsistency(
        SignedMessage calldata first,
        bytes calldata firstContext,
        SignedMessage calldata second,
        bytes calldata secondContext
    ) external {
        CardMessages.Message memory a = CardMessages.readVoucher(first.message);
        CardMessages.Message memory b = CardMessages.readVoucher(second.message);
        if (a.counter >= b.counter) revert NoEquivocation();
        (uint48 spentBefore,) = CardMessages.readContext(firstContext, a.context);
        (uint48 spentAfter, bytes32 link) = CardMessages.readContext(secondContext, b.context);
        uint256 between = b.counter - a.counter - 1;
        // Each payment in between spent at least one unit.
        uint256 least = uint256(spentBefore) + b.amount + between;
        bool consistent = between == 0 ? spentAfter == least && link == sha256(first.message) : spentAfter >= least;
        if (consistent) revert NoEquivocation();
        convict(first, second);
    }

    function convict(SignedMessage calldata first, SignedMessage calldata second) private {
        address card_ = CardMessages.signer(first.message, first.r, first.vs);
        if (card_ == address(0) || CardMessages.signer(second.message, second.r, second.vs) != card_) revert BadSignature();
        card[card_].flagged = true;
        emit EquivocationProved(card_, first.message, second.message);
    }

    // ---- money in and out -----------------------------------------------------------------------------------------

    function credit(address card_, uint256 units) private {
        Card storage c = card[card_];
        if (units == 0) revert ZeroAmount();
        if (c.owner == address(0)) revert NotOpen(card_);
        if (c.flagged) revert Flagged(card_);
        if (units > type(uint48).max - c.balance) revert Overflow();
        c.balance += uint48(units);
    }

    function pull(address from, uint256 units) private {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(from, address(this), units * scale);
        requireReceived(before, units);
    }

    function requireReceived(uint256 before, uint256 units) private view {
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != units * scale) revert InexactTransfer(units * scale, received);
    }

    function payOut(address merchant_, address to) private returns (uint256 units) {
        Merchant storage m = merchant[merchant_];
        units = m.earned - m.withdrawn;
        if (units == 0) revert NothingToWithdraw();
        m.withdrawn = m.earned;
        IERC20(token).safeTransfer(to, units * scale);
        emit Withdrawn(merchant_, to, units);
    }

    function markUsed(address card_, uint32 counter) private {
        used[card_][counter >> 8] |= 1 << (counter & 255);
    }
}
