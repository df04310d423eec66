"""TLS of the local endpoint: who trusts it, and what its authority may vouch for."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tools.appsync.certificates import authority_file, server_context


def handshake(server: ssl.SSLContext, trusted: Path, host: str) -> None:
    """Connect a client to a server in memory. Raises SSLCertVerificationError."""
    client = ssl.create_default_context(cafile=trusted)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while sides:
        for side in list(sides):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            sides.remove(side)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_client_that_trusts_the_authority_connects(tmp_path: Path, host: str) -> None:
    handshake(server_context(tmp_path / "tls"), authority_file(tmp_path / "tls"), host)


def test_the_authority_is_kept_so_that_it_is_trusted_once(tmp_path: Path) -> None:
    server_context(tmp_path)
    trusted = authority_file(tmp_path).read_bytes()

    handshake(server_context(tmp_path), authority_file(tmp_path), "localhost")

    assert authority_file(tmp_path).read_bytes() == trusted


@pytest.mark.parametrize("broken", ["ca.pem", "ca-key.pem"])
def test_a_broken_or_foreign_half_of_the_authority_is_replaced(tmp_path: Path, broken: str) -> None:
    server_context(tmp_path / "other")
    for content in (b"", (tmp_path / "other" / broken).read_bytes()):
        server_context(tmp_path)
        (tmp_path / broken).write_bytes(content)

        handshake(server_context(tmp_path), authority_file(tmp_path), "localhost")


def test_others_do_not_trust_it_and_other_names_are_refused(tmp_path: Path) -> None:
    context = server_context(tmp_path / "one")
    server_context(tmp_path / "two")

    for folder, host in (("two", "localhost"), ("one", "example.com")):
        with pytest.raises(ssl.SSLCertVerificationError):
            handshake(context, authority_file(tmp_path / folder), host)


def test_the_authority_vouches_for_no_other_site(tmp_path: Path) -> None:
    server_context(tmp_path)
    authority = x509.load_pem_x509_certificate(authority_file(tmp_path).read_bytes())
    stolen = serialization.load_pem_private_key((tmp_path / "ca-key.pem").read_bytes(), None)
    assert isinstance(stolen, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    forged = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("bank.example")]), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(stolen.public_key()), critical=False
        )
        .sign(stolen, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8
    chain = tmp_path / "forged.pem"
    chain.write_bytes(
        key.private_bytes(pem, private, serialization.NoEncryption()) + forged.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        handshake(context, authority_file(tmp_path), "bank.example")


def test_the_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    server_context(tmp_path / "tls")

    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "tls").iterdir()}
    assert modes == {"ca.pem": 0o600, "ca-key.pem": 0o600, "server.pem": 0o600}
