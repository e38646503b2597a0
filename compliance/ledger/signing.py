"""The key that signs the ledger's head, and what it signs."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from compliance.files import write_durably
from compliance.language import Message, worded
from compliance.ledger.errors import LedgerError

PRIVATE, PUBLIC = "ledger.key", "ledger.pub"
_NO_KEY = Message("{path} 不是 Ed25519 密钥", "{path} is no Ed25519 key")
_OWN_KEY = Message("从密钥备份放回台账自己的密钥", "put the ledger's own key back from your backup of the keys")


def signing_key(folder: Path, *, create: bool) -> Ed25519PrivateKey:
    """The private key in a folder; made, readable by its owner alone, where `create` is said and there is none.

    Raises LedgerError where it is missing or no Ed25519 key.
    """
    path = folder / PRIVATE
    if not path.exists():
        if not create:
            raise LedgerError(
                worded(
                    f"台账已有记录，却缺少签名密钥 {path}",
                    f"the ledger's signing key {path} is missing, but the ledger has entries",
                ),
                remedy=worded(
                    "从密钥备份放回；没有它不能写入台账",
                    "put it back from your backup of the keys; nothing can be written to the ledger without it",
                ),
            )
        _make(folder)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, TypeError, ValueError) as error:  # TypeError: it is encrypted
        raise LedgerError(f"{_NO_KEY(path=path)}: {error}", remedy=_OWN_KEY()) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise LedgerError(_NO_KEY(path=path), remedy=_OWN_KEY())
    return key


def public_key(folder: Path) -> Ed25519PublicKey:
    """The public key in a folder: all that is needed to verify. Raises LedgerError where it is missing or damaged."""
    path = folder / PUBLIC
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise LedgerError(
            worded(f"台账的公钥 {path} 无法读取：{error}", f"the ledger's public key {path} cannot be read: {error}"),
            remedy=worded(
                f"把审核所用密钥文件夹中的 {PUBLIC} 放在那里，或在 [ledger] keys 指定其文件夹；公钥无须保密",
                f"put {PUBLIC} of the audits' keys there, or name its folder as [ledger] keys: it is no secret",
            ),
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise LedgerError(_NO_KEY(path=path), remedy=_OWN_KEY())
    return key


def sign(key: Ed25519PrivateKey, seq: int, last: str) -> str:
    """The signature over the chain's last entry, in hex."""
    return key.sign(_signed(seq, last)).hex()


def is_signed(key: Ed25519PublicKey, seq: int, last: str, signature: str) -> bool:
    """Whether the signature is the key's, over just this entry."""
    try:
        key.verify(bytes.fromhex(signature), _signed(seq, last))
    except (InvalidSignature, ValueError, TypeError):  # whatever stands where a signature should
        return False
    return True


def _signed(seq: int, last: str) -> bytes:
    return f"microdrama-gate ledger head\n{seq}\n{last}\n".encode()


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # The private key comes last: while it is missing, the key is made anew and nothing is signed by this one yet.
    write_durably(folder / PUBLIC, public)
    write_durably(folder / PRIVATE, private, mode=0o600)
    os.chmod(folder, 0o700)  # noqa: PTH101 - mkdir leaves an existing folder's mode as it is
