"""The server with TLS in its own process, which the product leaves to a proxy: ``python -m tests.bench.encrypted serve``."""

import datetime
import ipaddress
import tempfile
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server import cli, serving
from server.socket.server import uvicorn_config

COMMAND = ("-m", "tests.bench.encrypted", "serve")


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate of its own for this machine's loopback address, valid for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_path, certificate_path = folder / "key.pem", folder / "certificate.pem"
    plain = serialization.NoEncryption()
    key_path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return key_path, certificate_path


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="atrium-bench-tls-") as folder:
        key, certificate = make_certificate(Path(folder))
        vars(serving)["uvicorn_config"] = partial(uvicorn_config, ssl_keyfile=str(key), ssl_certfile=str(certificate))
        cli.main()


if __name__ == "__main__":
    main()
