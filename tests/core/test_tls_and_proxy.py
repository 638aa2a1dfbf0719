"""Company networks: certificates of one's own, and proxies."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from authority import Authority, authority
from clients import client
from connect_proxy import connect_proxy
from origin import Origin, listening, reply

from mixpanel_mcp_core.errors import ConfigError, MixpanelError
from mixpanel_mcp_core.http import Answer, Request

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def unknown(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that no system knows."""
    return authority(tmp_path_factory.mktemp("authority"))


async def fetched(origin: Origin, environ: Mapping[str, str]) -> Answer:
    """The answer of a TLS server to a client in this environment."""
    origin.replies.append(reply(200, b"hello"))
    async with client(environ) as http:
        return await http.send(Request("GET", f"{origin.url}/"), "Basic eDp5")


async def test_a_certificate_of_an_unknown_authority_is_refused(unknown: Authority) -> None:
    """Nothing is sent to a server that cannot prove its name."""
    async with listening(unknown.server) as origin:
        with pytest.raises(MixpanelError, match="certificate verify failed") as caught:
            await fetched(origin, {})
    assert caught.value.code == "HTTP_ERROR"
    assert origin.seen == []


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
async def test_a_bundle_that_the_environment_names_is_trusted(
    unknown: Authority, variable: str
) -> None:
    """Both usual variables add to the system's own certificates."""
    async with listening(unknown.server) as origin:
        answer = await fetched(origin, {variable: str(unknown.bundle)})
    assert (answer.status, answer.body) == (200, b"hello")


async def test_a_trusted_authority_does_not_vouch_for_another_name(unknown: Authority) -> None:
    """The certificate must be that of the host that was called."""
    async with listening(unknown.server) as origin:
        origin.url = origin.url.replace("127.0.0.1", "localhost")
        with pytest.raises(MixpanelError, match="Hostname mismatch"):
            await fetched(origin, {"SSL_CERT_FILE": str(unknown.bundle)})


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["missing", "not PEM"])
async def test_an_unusable_bundle_is_a_configuration_error(
    tmp_path: Path, content: str | None
) -> None:
    """The error names the variable and the file, before anything is sent."""
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    with pytest.raises(ConfigError) as caught:
        async with client({"REQUESTS_CA_BUNDLE": str(bundle)}):
            pass
    assert caught.value.details == {"env_var": "REQUESTS_CA_BUNDLE", "value": str(bundle)}


async def test_a_folder_of_certificates_is_a_bundle_too(tmp_path: Path) -> None:
    """REQUESTS_CA_BUNDLE may name a folder of hashed certificates."""
    async with client({"REQUESTS_CA_BUNDLE": str(tmp_path)}), listening() as origin:
        assert (await fetched(origin, {"REQUESTS_CA_BUNDLE": str(tmp_path)})).status == 200


async def test_requests_go_through_the_proxy_of_the_environment(
    unknown: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTPS_PROXY opens a tunnel; the certificate is still that of the server behind it."""
    environ = {"SSL_CERT_FILE": str(unknown.bundle)}
    async with connect_proxy() as proxy, listening(unknown.server) as origin:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("://", "://me:pass@"))
        answer = await fetched(origin, environ)
    assert (answer.status, answer.body) == (200, b"hello")
    assert (proxy.targets, proxy.credentials) == (
        [f"127.0.0.1:{origin.port}"],
        ["Basic bWU6cGFzcw=="],
    )
    assert "proxy-authorization" not in origin.seen[0].headers


async def test_hosts_of_no_proxy_are_called_directly(
    unknown: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_PROXY keeps its hosts off the tunnel."""
    environ = {"SSL_CERT_FILE": str(unknown.bundle)}
    async with connect_proxy() as proxy, listening(unknown.server) as origin:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "example.com,127.0.0.1")
        answer = await fetched(origin, environ)
    assert (answer.status, proxy.targets) == (200, [])


async def test_a_proxy_that_refuses_is_an_http_error(
    unknown: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy's 407 is told as such, not as an answer of Mixpanel."""
    async with listening() as gate, listening(unknown.server) as origin:
        gate.replies.append(reply(407, b"", breaks=True))
        monkeypatch.setenv("HTTPS_PROXY", gate.url)
        with pytest.raises(MixpanelError, match="407") as caught:
            await fetched(origin, {})
    assert caught.value.code == "HTTP_ERROR"


@pytest.mark.parametrize(
    "proxy", ["gopher://127.0.0.1:1", "http://127.0.0.1:port", "socks5://127.0.0.1:1"]
)
async def test_a_proxy_that_is_none_is_a_configuration_error(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client does not start around it."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigError, match="proxy that the environment names"):
        async with client():
            pass
