"""A throw-away certificate authority for `qemu+tls://`, and what it signs for a host and for the client."""

from pathlib import Path

from tests.lab.process import run

_PORT = 16514


def authority(folder: Path) -> None:
    """Make an authority, and the client's key and certificate, in `folder`: the `pkipath` of a libvirt URI."""
    folder.mkdir()
    _key(folder / "cakey.pem")
    template = _template(folder / "ca.template", "cn = lab authority", "ca", "cert_signing_key")
    arguments = ("--load-privkey", str(folder / "cakey.pem"), "--template", str(template))
    run("certtool", "--generate-self-signed", *arguments, "--outfile", str(folder / "cacert.pem"))
    _sign(folder, folder, "client", "cn = lab client", "tls_www_client")


def give_server(authority_folder: Path, folder: Path, address: str) -> None:
    """Make the key and certificate of the host at `address` in `folder`."""
    folder.mkdir()
    (folder / "cacert.pem").write_bytes((authority_folder / "cacert.pem").read_bytes())
    _sign(authority_folder, folder, "server", f"cn = {address}\nip_address = {address}", "tls_www_server")


def daemon_settings(folder: str) -> list[str]:
    """The lines of libvirtd.conf with which it listens, given the folder of its certificates."""
    return [
        "listen_tls = 1",
        f'ca_file = "{folder}/cacert.pem"',
        f'cert_file = "{folder}/servercert.pem"',
        f'key_file = "{folder}/serverkey.pem"',
    ]


def uri(folder: Path, address: str) -> str:
    """The URI of the host at `address` for a client whose certificate is in `folder`."""
    return f"qemu+tls://{address}:{_PORT}/system?pkipath={folder}"


def _sign(authority_folder: Path, folder: Path, name: str, *lines: str) -> None:
    _key(folder / f"{name}key.pem")
    template = _template(folder / f"{name}.template", *lines, "signing_key", "encryption_key")
    ca = ("--load-ca-certificate", str(authority_folder / "cacert.pem"))
    ca_key = ("--load-ca-privkey", str(authority_folder / "cakey.pem"))
    own = ("--load-privkey", str(folder / f"{name}key.pem"), "--template", str(template))
    run("certtool", "--generate-certificate", *ca, *ca_key, *own, "--outfile", str(folder / f"{name}cert.pem"))


def _key(path: Path) -> None:
    run("certtool", "--generate-privkey", "--bits", "2048", "--outfile", str(path))


def _template(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([*lines, "expiration_days = 30", ""]))
    return path
