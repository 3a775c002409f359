"""Certificate of a booth on the local network, made by an authority of its own that devices can be told to trust.

The authority can vouch for nothing but private addresses and this machine's own names, so that a device which trusts it
is no less safe anywhere else. The certificate itself is made anew when it has nearly run out or the machine has moved.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from niteru.engine.work.write_atomically import write_atomically

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10")
_PRIVATE_NAMES = ("local", "localhost", "lan", "internal", "home.arpa")
_CHAIN, _KEY, _AUTHORITY, _AUTHORITY_KEY = "certificate.pem", "certificate.key", "authority.pem", "authority.key"
_YEARS, _DAYS, _SPARE = 10, 397, 30
"""How long the authority is good for, and the certificate, which is made anew so many days before its end."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files of a certificate: the chain and the key that the service uses, and the authority that devices may trust."""

    chain: Path
    key: Path
    authority: Path | None = None


def own_certificate(folder: Path, host: str, now: datetime | None = None) -> Certificate:
    """Certificate for an address of this machine, made where there is none that still serves.

    Args:
        folder: where the files lie; they are the user's alone.
        host: address or name under which others reach this machine.
        now: the time; None for the clock's.
    """
    now = now or datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = sorted({host, "localhost", "127.0.0.1", *_own_names()})
    if not _serves(folder, names, now):
        _make(folder, names, now)
    return Certificate(folder / _CHAIN, folder / _KEY, folder / _AUTHORITY)


def reachable_address() -> str:
    """Address of this machine in its network; 127.0.0.1 where it has none."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing; only says which way it would go
        return str(probe.getsockname()[0])
    return "127.0.0.1"


def fingerprint(file: Path) -> str:
    """SHA-256 of the first certificate in a file, as phones show it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    digest = x509.load_pem_x509_certificate(file.read_bytes()).fingerprint(hashes.SHA256())
    return digest.hex(":").upper()


def _own_names() -> Iterable[str]:
    name = socket.gethostname().split(".")[0].lower()
    return (f"{name}.local",) if name.isascii() and name.replace("-", "").isalnum() else ()


def _serves(folder: Path, names: list[str], now: datetime) -> bool:
    """Whether the certificate is whole, good for a month more, and for these names, and the authority's own."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        leaf = x509.load_pem_x509_certificate((folder / _CHAIN).read_bytes())
        authority = x509.load_pem_x509_certificate((folder / _AUTHORITY).read_bytes())
        leaf.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False
    said = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = {str(one.value) for one in said}
    return (folder / _KEY).is_file() and leaf.not_valid_after_utc > now + timedelta(_SPARE) and known >= set(names)


def _make(folder: Path, names: list[str], now: datetime) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    authority, signing = _authority(folder, names, now)
    key = ec.generate_private_key(ec.SECP256R1())
    built = (
        _begun("niteru booth", authority.subject, key, now, timedelta(_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    leaf = built.sign(signing, hashes.SHA256())
    _write_key(folder / _KEY, key)
    _write(folder / _CHAIN, _pem(leaf) + _pem(authority))


def _authority(folder: Path, names: list[str], now: datetime) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    """The authority that is there and may vouch for these names, or a new one."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    file, key_file = folder / _AUTHORITY, folder / _AUTHORITY_KEY
    with contextlib.suppress(OSError, ValueError, x509.ExtensionNotFound):
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        known = x509.load_pem_x509_certificate(file.read_bytes())
        matches = isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == known.public_key()
        lasts = known.not_valid_after_utc > now + timedelta(_DAYS)
        vouches = known.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
        if matches and lasts and all(_covers(vouches, one) for one in names):
            return known, key  # type: ignore[return-value]
    key = ec.generate_private_key(ec.SECP256R1())
    name = f"niteru booth on {socket.gethostname()}"[:64]
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    permitted: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_network(network)) for network in _PRIVATE]
    permitted += [x509.DNSName(one) for one in _PRIVATE_NAMES]
    permitted += [_general(one, whole=True) for one in names if not _covers(permitted, one)]
    built = (
        _begun(name, subject, key, now, timedelta(_YEARS * 365))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_signs_certificates(), critical=True)
    )
    made = built.sign(key, hashes.SHA256())
    _write_key(key_file, key)
    _write(file, _pem(made))
    return made, key


def _begun(
    name: str, issuer: x509.Name, key: EllipticCurvePrivateKey, now: datetime, good_for: timedelta
) -> x509.CertificateBuilder:
    from cryptography import x509

    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(1))  # clocks differ
        .not_valid_after(now + good_for)
    )


def _signs_certificates() -> x509.KeyUsage:
    from cryptography import x509

    others = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    no = dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(key_cert_sign=True, crl_sign=True, **no)


def _general(name: str, *, whole: bool = False) -> x509.GeneralName:
    """An address or a name as certificates have it; ``whole`` for an address as a network of its own."""
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_network(name) if whole else ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _covers(permitted: Iterable[x509.GeneralName], name: str) -> bool:
    """Whether one of these networks or domains has an address or a name in it."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return any(f".{name}".endswith(f".{one.value}") for one in permitted if isinstance(one.value, str))
    return any(address in one.value for one in permitted if not isinstance(one.value, str))


def _pem(made: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return made.public_bytes(Encoding.PEM)


def _write_key(file: Path, key: EllipticCurvePrivateKey) -> None:
    from cryptography.hazmat.primitives import serialization as as_

    _write(file, key.private_bytes(as_.Encoding.PEM, as_.PrivateFormat.PKCS8, as_.NoEncryption()))


def _write(file: Path, content: bytes) -> None:
    """Write a file that nobody else may read."""
    with write_atomically(file) as aside:
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
