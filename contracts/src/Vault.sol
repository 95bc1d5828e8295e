// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ChainCheck} from "./ChainCheck.sol";
import {CardMessages} from "./CardMessages.sol";
import {IReceiveWithAuthorization} from "./IReceiveWithAuthorization.sol";
import {IVault} from "./IVault.sol";

/// @title All of the vault besides how balances and counters are kept and how a payload is settled: one guard a line.
/// @notice A vault adds five small functions over its own storage, and `settle`.
/// Each event is emitted where its effect is written and before tokens move: a token that calls somebody while it moves cannot bring
/// events into another order than their effects, and whoever follows the events comes to the vault's state.
abstract contract Vault is IVault, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// The cold half of a card.
    struct Holding {
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
    /// 2^48 units of a whole token each still fit 256 bits by far.
    uint8 private constant MAX_DECIMALS = 36;

    address public immutable token;
    uint256 public immutable scale;

    mapping(address => Holding) internal holdings;
    mapping(address => Merchant) public merchant;
    mapping(address => mapping(uint32 => uint40)) public voidReadyAt;
    mapping(address => uint48) public reserve;
    mapping(bytes32 => uint48) public returned;

    modifier onlyOwner(address card_) {
        requireOwner(card_);
        _;
    }

    constructor(address token_, uint256 scale_) {
        ChainCheck.requireAll();
        if (token_.code.length == 0) revert NotAToken(token_);
        uint8 decimals = IERC20Metadata(token_).decimals();
        // One unit is at least one base unit and at most one whole token.
        if (scale_ == 0 || decimals > MAX_DECIMALS || scale_ > 10 ** decimals) revert UnfitScale(scale_, decimals);
        token = token_;
        scale = scale_;
    }

    // ---- what a vault adds ----------------------------------------------------------------------------------------

    function isUsed(address card_, uint32 counter) public view virtual returns (bool);
    /// @dev Marks a counter that is not used; reverts with Advance where the storage must be prepared first.
    function markUsed(address card_, uint32 counter) internal virtual;
    function amounts(address card_) internal view virtual returns (uint48 balance, uint48 paid, bool flagged);
    function setBalance(address card_, uint48 balance) internal virtual;
    function setFlag(address card_) internal virtual;
    /// @dev Prepares the storage for a counter that `settle` would skip, writing at most `maxWords`; answers the counter it came to.
    function prepare(address card_, uint32 counter, uint256 maxWords) internal virtual returns (uint32 reached);

    function card(
        address card_
    ) external view returns (uint48 balance, uint48 paid, bool flagged, address owner, uint48 pending, uint40 readyAt) {
        (balance, paid, flagged) = amounts(card_);
        Holding storage h = holdings[card_];
        (owner, pending, readyAt) = (h.owner, h.pending, h.readyAt);
    }

    // ---- cards ----------------------------------------------------------------------------------------------------

    function open(address card_, address owner, bytes32 r, bytes32 vs) external {
        if (card_ == address(0) || owner == address(0)) revert ZeroAddress();
        if (holdings[card_].owner != address(0)) revert AlreadyOpen(card_);
        requireSigned(card_, CardMessages.opening(owner), r, vs);
        holdings[card_].owner = owner;
        emit Opened(card_, owner);
    }

    function requireOpen(address card_) private view {
        if (holdings[card_].owner == address(0)) revert NotOpen(card_);
    }

    function fund(address card_, uint256 units) external nonReentrant {
        credit(card_, units);
        emit Funded(card_, msg.sender, units);
        pull(msg.sender, units);
    }

    function fundWithPermit(
        address card_,
        uint256 units,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        credit(card_, units);
        emit Funded(card_, msg.sender, units);
        // A permit that somebody else has already submitted reverts here and has given the allowance all the same.
        try IERC20Permit(token).permit(msg.sender, address(this), units * scale, deadline, v, r, s) {} catch {}
        pull(msg.sender, units);
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
        emit Funded(card_, from, units);
        uint256 before = tokens();
        bytes32 nonce = keccak256(abi.encodePacked(card_, salt));
        IReceiveWithAuthorization(token).receiveWithAuthorization(
            from,
            address(this),
            units * scale,
            validAfter,
            validBefore,
            nonce,
            v,
            r,
            s
        );
        requireReceived(before, units);
    }

    // ---- vouchers -------------------------------------------------------------------------------------------------

    function advance(bytes calldata message, bytes32 r, bytes32 vs, uint256 maxWords) external {
        CardMessages.Message memory m = CardMessages.readVoucher(message);
        address card_ = signerOf(message, r, vs);
        requireOpen(card_);
        emit Advanced(card_, prepare(card_, m.counter, maxWords));
    }

    function release(bytes calldata message, bytes32 r, bytes32 vs) external {
        CardMessages.Message memory m = CardMessages.readVoucher(message);
        if (msg.sender != m.payee) revert NotPayee(msg.sender);
        bytes32 id = giveUp(message, m, signerOf(message, r, vs));
        emit Returned(m.payee, address(0), id, m.amount, uint32(block.timestamp / 1 days));
    }

    /// Uses a voucher's counter for nothing. All of it counts as given back: nothing of it was earned,
    /// so that no refund of it can follow.
    function giveUp(
        bytes calldata message,
        CardMessages.Message memory m,
        address card_
    ) internal returns (bytes32 voucherId) {
        requireOpen(card_);
        if (m.counter == 0 || isUsed(card_, m.counter)) revert CounterUsed(m.counter);
        markUsed(card_, m.counter);
        voucherId = CardMessages.voucherId(card_, message);
        returned[voucherId] = m.amount;
        emit Released(card_, m.payee, m.counter, m.amount);
    }

    function signerOf(bytes memory message, bytes32 r, bytes32 vs) internal pure returns (address signer) {
        signer = CardMessages.signer(message, r, vs);
        if (signer == address(0)) revert BadSignature();
    }

    function requireSigned(address card_, bytes memory message, bytes32 r, bytes32 vs) private pure {
        if (CardMessages.signer(message, r, vs) != card_) revert BadSignature();
    }

    // ---- merchants ------------------------------------------------------------------------------------------------

    function withdraw(address merchant_) external nonReentrant returns (uint256 units) {
        return payOut(merchant_, merchant_, msg.sender == merchant_ ? 0 : reserve[merchant_]);
    }

    function withdrawTo(address to) external nonReentrant returns (uint256 units) {
        if (to == address(0)) revert ZeroAddress();
        return payOut(msg.sender, to, 0);
    }

    function setReserve(uint256 units) external {
        reserve[msg.sender] = toUnits(units);
        emit ReserveSet(msg.sender, units);
    }

    function refund(address card_, uint256 units) external nonReentrant {
        credit(card_, units);
        uint256 fromEarnings = earnings(msg.sender);
        if (fromEarnings > units) fromEarnings = units;
        takeEarnings(msg.sender, fromEarnings);
        emit Refunded(msg.sender, card_, units, fromEarnings);
        if (fromEarnings < units) pull(msg.sender, units - fromEarnings);
    }

    // ---- owners ---------------------------------------------------------------------------------------------------

    function requireOwner(address card_) private view {
        if (msg.sender != holdings[card_].owner) revert NotOwner(msg.sender);
    }

    function requestWithdrawal(address card_, uint256 units) external onlyOwner(card_) {
        Holding storage h = holdings[card_];
        if (units == 0) revert ZeroAmount();
        uint48 pending = toUnits(units);
        if (h.pending != 0 && block.timestamp <= h.readyAt + EXPIRY) revert WithdrawalPending(h.readyAt);
        h.pending = pending;
        h.readyAt = uint40(block.timestamp + DELAY);
        emit WithdrawalRequested(card_, units, h.readyAt);
    }

    function cancelWithdrawal(address card_) external onlyOwner(card_) {
        Holding storage h = holdings[card_];
        if (h.pending == 0) revert NotRipe(0);
        (h.pending, h.readyAt) = (0, 0);
        emit WithdrawalCancelled(card_);
    }

    function withdrawFromCard(address card_) external onlyOwner(card_) nonReentrant returns (uint256 units) {
        Holding storage h = holdings[card_];
        if (h.pending == 0 || block.timestamp < h.readyAt || block.timestamp > h.readyAt + EXPIRY)
            revert NotRipe(h.readyAt);
        (uint48 balance, , ) = amounts(card_);
        units = h.pending < balance ? h.pending : balance;
        (h.pending, h.readyAt) = (0, 0);
        setBalance(card_, balance - uint48(units));
        emit CardWithdrawn(card_, h.owner, units);
        if (units > 0) push(h.owner, units);
    }

    function requestVoid(
        address card_,
        uint32 counter,
        bytes calldata proof,
        bytes32 r,
        bytes32 vs
    ) external onlyOwner(card_) {
        if (counter == 0 || isUsed(card_, counter)) revert CounterUsed(counter);
        bool proved =
            proof.length == CardMessages.MESSAGE_LENGTH
                ? CardMessages.readVoucher(proof).counter > counter
                : CardMessages.readProofCounter(proof) >= counter;
        if (!proved) revert NoProof();
        requireSigned(card_, proof, r, vs);
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
        (uint48 spentBefore, ) = CardMessages.readContext(firstContext, a.context);
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
        if (card_ == address(0) || CardMessages.signer(second.message, second.r, second.vs) != card_)
            revert BadSignature();
        setFlag(card_);
        emit EquivocationProved(card_, first.message, second.message);
    }

    // ---- money in and out -----------------------------------------------------------------------------------------

    function credit(address card_, uint256 units) internal {
        if (units == 0) revert ZeroAmount();
        requireOpen(card_);
        (uint48 balance, , bool flagged) = amounts(card_);
        if (flagged) revert Flagged(card_);
        if (units > type(uint48).max - balance) revert Overflow();
        setBalance(card_, balance + uint48(units));
    }

    function toUnits(uint256 units) internal pure returns (uint48) {
        if (units > type(uint48).max) revert Overflow();
        return uint48(units);
    }

    /// The vault's own, in base units.
    function tokens() private view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    function pull(address from, uint256 units) private {
        uint256 before = tokens();
        IERC20(token).safeTransferFrom(from, address(this), units * scale);
        requireReceived(before, units);
    }

    /// What leaves the vault is exactly what was owed, or a token that takes more from the sender would take it from everybody.
    function push(address to, uint256 units) private {
        uint256 before = tokens();
        IERC20(token).safeTransfer(to, units * scale);
        uint256 left = tokens();
        if (left + units * scale != before) revert InexactTransfer(units * scale, before > left ? before - left : 0);
    }

    function requireReceived(uint256 before, uint256 units) private view {
        uint256 received = tokens() - before;
        if (received != units * scale) revert InexactTransfer(units * scale, received);
    }

    function earnings(address merchant_) internal view returns (uint256) {
        Merchant storage m = merchant[merchant_];
        return m.earned - m.withdrawn;
    }

    /// Of at most what it has earned.
    function takeEarnings(address merchant_, uint256 units) internal {
        merchant[merchant_].withdrawn += uint128(units);
    }

    function payOut(address merchant_, address to, uint256 kept) private returns (uint256 units) {
        uint256 held = earnings(merchant_);
        if (held <= kept) revert NothingToWithdraw();
        units = held - kept;
        takeEarnings(merchant_, units);
        emit Withdrawn(merchant_, to, units);
        push(to, units);
    }

    // ---- the record of a settlement -------------------------------------------------------------------------------

    /// An account without code that starts the transaction leaves the payload in its calldata for everybody to read.
    function record(bytes calldata payload, bytes memory result) internal {
        bool plain = msg.sender == tx.origin && msg.sender.code.length == 0;
        bytes memory shown = plain ? bytes("") : payload;
        emit Settled(msg.sender, keccak256(payload), bytes32(payload[0:32]), bytes32(payload[32:64]), result, shown);
    }
}
