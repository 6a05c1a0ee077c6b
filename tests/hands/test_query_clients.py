"""OSCQuery with programs that others wrote: python-oscquery finds and reads a show, curl asks it."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator

import pytest
from pythonoscquery.osc_query_browser import OSCQueryListener
from pythonoscquery.osc_query_client import OSCQueryClient
from pythonoscquery.shared.osc_access import OSCAccess
from query_stand import WAIT_S, QueryStand, node
from stand import until
from zeroconf import ServiceBrowser, ServiceInfo, Zeroconf

from instrument.hands.query.announce import (
    LOOPBACK,
    OSC,
    QUERY,
    Announcement,
    addresses,
    keep_here,
)

NAME = f"twos-and-sevens-test-{os.getpid()}"


@pytest.fixture
def show() -> Iterator[QueryStand]:
    made = QueryStand()
    yield made
    made.close()


def client_of(port: int) -> OSCQueryClient:
    """python-oscquery's client, told an address as its own browser would tell it."""
    return OSCQueryClient(
        ServiceInfo(QUERY, f"x.{QUERY}", port=port, parsed_addresses=[LOOPBACK], server="x.local.")
    )


def test_python_oscquery_reads_host_info_and_nodes(show: QueryStand) -> None:
    """A client library that knows nothing of us reads who we are, the whole tree, and single values."""
    server = show.serve()
    show.move("learning.heat", 2.0)
    client = client_of(server.port)
    info = client.get_host_info()
    assert (info.name, info.osc_port, info.osc_ip) == ("twos-and-sevens", 9000, LOOPBACK)
    assert info.extensions["LISTEN"] is True
    heat = client.query_node("/learning/heat")
    assert (heat.value, heat.access) == ([2.0], OSCAccess.READWRITE_VALUE)
    assert client.query_node("/learning/undo").access == OSCAccess.WRITEONLY_VALUE
    assert client.query_node("/no/such/path") is None
    root = client.query_node("/")
    found = {node.full_path: node for node in root}
    assert {spec.address for spec in show.bank} <= set(found)
    assert found["/picture/look"].value == ["tile_wall"]
    assert found["/show/blackout"].value == [False]


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_curl_asks_for_one_attribute(show: QueryStand) -> None:
    """What docs/oscquery.md shows."""
    server = show.serve()
    place = f"http://localhost:{server.port}/learning/heat?RANGE"
    said = subprocess.run(["curl", "-sf", place], capture_output=True, timeout=WAIT_S, check=True)
    assert json.loads(said.stdout) == {"RANGE": [{"MIN": 0.25, "MAX": 4.0}]}


@pytest.mark.slow
def test_a_show_is_found_without_an_address_and_says_that_it_is_gone(show: QueryStand) -> None:
    """A browser of another program finds OSC and OSCQuery of the show, reads it, and sees it leave."""
    server = show.serve(announce=True, name=NAME)
    browser = Zeroconf(interfaces=[LOOPBACK])
    listener = OSCQueryListener()
    try:
        ServiceBrowser(browser, [QUERY, OSC], listener)
        until(lambda: f"{NAME}.{QUERY}" in listener.oscjson_services)
        until(lambda: f"{NAME}.{OSC}" in listener.osc_services)
        service = listener.oscjson_services[f"{NAME}.{QUERY}"]
        assert OSCQueryClient(service).get_host_info().name == NAME
        assert listener.osc_services[f"{NAME}.{OSC}"].port == 9000
        server.stop()
        until(lambda: f"{NAME}.{QUERY}" not in listener.oscjson_services)
    finally:
        browser.close()
    assert show.said == []


@pytest.mark.slow
def test_a_second_show_gets_a_number(show: QueryStand) -> None:
    """Two shows on one machine are told apart by their names."""
    first = Announcement(NAME, LOOPBACK, show.say, 9002, 9000)
    second = Announcement(NAME, LOOPBACK, show.say, 9102, 9100)
    try:
        first.start()
        until(lambda: len(first.names) == 2)
        second.start()
        until(lambda: len(second.names) == 2)
    finally:
        first.stop()
        second.stop()
    assert first.names == [f"{NAME}.{QUERY}", f"{NAME}.{OSC}"]
    assert second.names == [f"{NAME}-2.{QUERY}", f"{NAME}-2.{OSC}"]


def test_no_multicast_is_a_sentence(show: QueryStand) -> None:
    """Where nothing can be announced the performer reads why, and the show goes on."""
    nowhere = Announcement(NAME, "192.0.2.77", show.say, 9002, 9000)
    nowhere.start()
    until(lambda: len(show.said) == 1)
    nowhere.stop()
    assert "not announced" in show.said[0]
    assert "address and port" in show.said[0]


def test_announcing_stays_on_loopback_unless_the_show_is_opened() -> None:
    """Only an address that others may reach is said to others."""
    assert addresses("127.0.0.1") == [LOOPBACK]
    assert addresses("::1") == [LOOPBACK]
    assert addresses("192.168.1.20") == ["192.168.1.20"]
    assert LOOPBACK not in addresses("0.0.0.0") or addresses("0.0.0.0") == [LOOPBACK]


def test_start_does_not_wait_for_the_announcement(show: QueryStand) -> None:
    """A show that is ended at once has not been announced yet: nobody has waited for that."""
    server = show.serve(announce=True, name=NAME)
    assert server._announcement is not None
    assert server._announcement.names == []
    assert node(server, "/?HOST_INFO")["NAME"] == NAME


@pytest.mark.skipif(not hasattr(socket, "SO_BINDTODEVICE"), reason="only Linux can do it")
def test_on_loopback_nothing_is_heard_from_other_machines() -> None:
    """zeroconf opens its port on every interface; ours is bound to the loopback device."""
    zeroconf = Zeroconf(interfaces=[LOOPBACK])
    try:
        assert keep_here(zeroconf)
        devices = {
            reader.sock.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16)
            for reader in zeroconf.engine.readers
        }
        assert devices == {b"lo\0"}
    finally:
        zeroconf.close()
