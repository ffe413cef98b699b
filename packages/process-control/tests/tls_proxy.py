"""Fronts for a Postgres: one that speaks TLS where the server does not, and one that falls silent."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


def self_signed(directory: Path, address: str) -> Path:
    """A file with key and certificate for an IP address, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = directory / f"{address}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return file


@contextmanager
def tls_proxy(backend: tuple[str, int], key_and_certificate: Path) -> Iterator[int]:
    """The port of 127.0.0.1 that speaks TLS and passes on to `backend`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(key_and_certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, backend, context), daemon=True).start()
        yield int(listener.getsockname()[1])


@contextmanager
def falls_silent(backend: tuple[str, int], *, after: int) -> Iterator[int]:
    """The port of 127.0.0.1 that passes on to `backend`, and only the first `after` bytes of what it answers."""
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            client, _ = listener.accept()
            with client, socket.create_connection(backend) as server:
                threading.Thread(target=_copy, args=(client, server), daemon=True).start()
                left = after
                while left > 0 and (data := server.recv(left)):
                    client.sendall(data)
                    left -= len(data)
                over.wait(30)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            over.set()


def _accept(listener: socket.socket, backend: tuple[str, int], context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, backend, context), daemon=True).start()


def _serve(client: socket.socket, backend: tuple[str, int], context: ssl.SSLContext) -> None:
    with suppress(OSError), client:
        if client.recv(8) != SSL_REQUEST:
            return
        client.sendall(b"S")
        with (
            context.wrap_socket(client, server_side=True) as secure,
            socket.create_connection(backend) as server,
        ):
            back = threading.Thread(target=_copy, args=(server, secure), daemon=True)
            back.start()
            _copy(secure, server)
            back.join(5)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
