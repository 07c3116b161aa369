"""Which sites a run may open, and which actions wait for a yes; no browser needed."""

import pytest

from tools.actions.dialogs import AnswerDialog
from tools.actions.files import Download, Upload
from tools.actions.form import Fill
from tools.actions.keyboard import Press
from tools.actions.navigate import Back, Navigate
from tools.actions.pointer import Click, Drag, Hover, Scroll
from tools.actions.tabs import OpenTab, SwitchTab
from tools.errors import PolicyRefused
from tools.observation import Element, Observation
from tools.policy import Policy, Ruling
from tools.record import REGISTRY, Action
from tools.secrets import Secrets
from tools.sites import read_address, sites_named

SHOP = "https://www.shop.example/menu"


def page(*elements: Element, url: str = SHOP, dialog: str = "") -> Observation:
    """A page with these elements, numbered from e1."""
    numbered = [e.model_copy(update={"ref": f"e{i}"}) for i, e in enumerate(elements, start=1)]
    return Observation(url=url, elements=numbered, dialog=dialog)


def rule(action: Action, seen: Observation, policy: Policy | None = None) -> Ruling:
    """What the policy says of an action on this page."""
    element = seen.element(getattr(action, "ref", "") or "")
    policy = policy or Policy(start_url=SHOP)
    return policy.rule(REGISTRY[action.action], action, element, seen)


def button(name: str, **more: object) -> Element:
    """A button."""
    return Element(role="button", name=name, interactive=True).model_copy(update=more)


# Sites


@pytest.mark.parametrize(
    ("allow", "start", "url", "allowed"),
    [
        ([], SHOP, "https://shop.example/", True),
        ([], SHOP, "http://pay.shop.example:8443/x", True),
        ([], SHOP, "https://shop.example.evil.example/", False),
        ([], SHOP, "https://notshop.example/", False),
        ([], SHOP, "https://shop.example\\@evil.test/", True),  # a browser goes to shop.example
        ([], SHOP, "https://shop.example@evil.test/", False),
        ([], "https://a.github.io/", "https://b.github.io/", False),
        ([], "https://www.shop.co.uk/", "https://other.co.uk/", False),
        ([], "http://127.0.0.1:8000/", "http://127.0.0.1:8000/x", True),
        ([], "http://127.0.0.1:8000/", "http://127.0.0.1:9000/", False),
        ([], "http://127.0.0.1:8000/", "http://localhost:8000/", False),
        (["shop.example"], "", "https://a.shop.example/", True),
        (["*.shop.example"], "", "https://a.shop.example/", True),
        (["*.shop.example"], "", "https://shop.example/", False),
        (["localhost"], "", "http://localhost:1234/", True),
        (["localhost:1"], "", "http://localhost:2/", False),
        (["https://shop.example/a"], "", "https://shop.example/b", True),
        (["https://shop.example/a"], "", "http://shop.example/b", False),
        (["https://shop.example"], "", "https://a.shop.example/", False),
        (["*"], "", "https://anything.example/", True),
        (["*"], "", "http://192.168.0.1/", False),
        (["*"], "", "http://intranet/", False),
        (["*"], "", "http://printer.local/", False),
        (["*", "192.168.0.1"], "", "http://192.168.0.1:8080/", True),
        (["*"], "http://10.0.0.5/", "http://10.0.0.5/x", True),
        ([], "", "https://shop.example/", False),
        ([], SHOP, "about:blank", True),
        ([], SHOP, "blob:https://shop.example/1-2", True),
        ([], SHOP, "blob:https://evil.test/1-2", False),
        ([], SHOP, "", False),
        ([], SHOP, "http://", False),
    ],
)
def test_which_addresses_are_allowed(allow: list[str], start: str, url: str, allowed: bool) -> None:
    assert (Policy(allow, start).check_url(url) is None) is allowed


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        " file:///etc",
        "chrome://settings",
        "chrome-extension://abc/x.html",
        "devtools://devtools",
        "view-source:https://shop.example",
        "about:config",
        "about:srcdoc",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<h1>x",
        "blob:file:///x",
        "ftp://shop.example/",
        "http://169.254.169.254/",
        "http://169.254.169.254./latest",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://0xA9.0xFE.0xA9.0xFE/",
        "http://0251.0376.0251.0376/",
        "http://169.254.43518/",
        "http:169.254.169.254",
        "http:\\\\169.254.169.254\\x",
        "http://user:pass@169.254.169.254/",
        "http://169%2e254%2e169%2e254/",
        "http://①⑥⑨。②⑤④。①⑥⑨。②⑤④/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://[::a9fe:a9fe]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://[fd20:ce::254]/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://METADATA.google.internal./",
        "http://metadata/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "169.254.169.254",
    ],
)
def test_some_addresses_nobody_can_allow(url: str) -> None:
    allow = ["*", "169.254.169.254", "metadata.google.internal", "[fd00:ec2::254]"]
    policy = Policy(allow, "http://169.254.169.254/", yes=True)
    assert policy.check_url(url) is not None
    assert policy.site_to_ask(url) is None
    assert policy.rule_url(url).decision == "refuse"


@pytest.mark.parametrize("pattern", ["com", "co.uk", "*.com", "github.io", "", "file:///x", "a b"])
def test_a_pattern_that_is_no_site_is_told_in_one_sentence(pattern: str) -> None:
    with pytest.raises(PolicyRefused, match="The allowed site"):
        Policy([pattern])


def test_where_links_lead_is_asked_and_a_yes_is_kept() -> None:
    policy = Policy(start_url=SHOP)
    ruling = rule(Navigate(url="https://pay.example/x"), page(), policy)
    assert (ruling.decision, ruling.site) == ("ask", "pay.example")
    assert "https://pay.example/x" in ruling.what
    policy.grant("pay.example")
    assert rule(Navigate(url="https://pay.example/x"), page(), policy).decision == "allow"
    resumed = Policy(start_url=SHOP, granted=policy.granted)
    assert resumed.check_url("https://www.pay.example/") is None
    assert resumed.granted == ["pay.example"]


def test_yes_answers_for_actions_but_opens_no_site() -> None:
    policy = Policy(start_url=SHOP, yes=True)
    seen = page(button("Place order"))
    assert rule(Click(ref="[e1]"), seen, policy).decision == "allow"
    assert rule(OpenTab(url="evil.example"), seen, policy).decision == "ask"
    assert rule(Navigate(url="file:///etc/passwd"), seen, policy).decision == "refuse"


def test_the_sites_that_the_task_names_are_open_when_nothing_else_is_said() -> None:
    policy = Policy(task="Book a table on tables.example.com; my mail is ann@mail.com.")
    assert policy.check_url("https://tables.example.com/") is None
    assert policy.check_url("https://mail.com/") is not None
    assert Policy(start_url=SHOP, task="see b.com").check_url("https://b.com/") is not None
    assert sites_named("Put main.py and notes.md on https://x.test:8/y, then v1.2") == ["x.test"]


def test_relative_addresses_are_those_of_the_page() -> None:
    assert rule(Navigate(url="/cart?x=1"), page()).decision == "allow"
    assert rule(Navigate(url="//evil.example/"), page()).decision == "ask"


def test_on_a_page_out_of_bounds_nothing_is_done_but_leaving() -> None:
    seen = page(button("Add"), url="https://evil.example/")
    assert rule(Click(ref="[e1]"), seen).decision == "refuse"
    assert rule(Fill(ref="[e1]", text="x"), seen).decision == "refuse"
    assert rule(Scroll(direction="down"), seen).decision == "allow"
    assert rule(Back(), seen).decision == "allow"
    assert rule(SwitchTab(tab=0), seen).decision == "allow"
    assert rule(Navigate(url=SHOP), seen).decision == "allow"


def test_private_networks_are_open_to_pages_within_them_only() -> None:
    inside = "http://192.168.0.7/"
    assert Policy(start_url=SHOP).check_embedded(inside) is not None
    assert Policy(start_url="http://10.0.0.1/").check_embedded(inside) is None
    assert Policy(start_url=SHOP).check_embedded("https://pay.example/frame") is None
    assert Policy(start_url=SHOP).check_embedded("data:image/png;base64,xx") is None
    assert (
        Policy(start_url="http://10.0.0.1/").check_embedded("http://169.254.169.254/") is not None
    )


def test_an_address_is_read_as_a_browser_reads_it() -> None:
    address = read_address("  HTTPS://user@MÜNCHEN.de:443\\x ")
    assert address is not None
    assert (address.scheme, address.host, address.port) == ("https", "xn--mnchen-3ya.de", 443)


# Actions


def test_a_purchase_is_shown_with_what_stands_around_it() -> None:
    seen = page(
        Element(role="heading", name="Your basket"),
        Element(role="text", name="Total 15.00 €"),
        *(Element(role="text", name=f"line {n}") for n in range(20)),
        Element(role="text", name="Margherita, large"),
        button("Place order"),
        Element(role="link", name="Terms"),
    )
    ruling = rule(Click(ref="[e24]"), seen)
    assert ruling.decision == "ask"
    lines = ruling.what.splitlines()
    assert lines[0] == "click button Place order on shop.example"
    assert "> button Place order" in lines
    assert any("Margherita, large" in line for line in lines)
    assert any("Total 15.00 €" in line for line in lines), "the price, however far away"
    assert not any("line 3" in line for line in lines)
    assert "[e" not in ruling.what
    assert Ruling.model_validate_json(ruling.model_dump_json()) == ruling


@pytest.mark.parametrize(
    ("element", "decision"),
    [
        (button("Place order"), "ask"),
        (button("Order history"), "allow"),
        (button("Add to basket"), "allow"),
        (button("", context="Delete"), "ask"),
        (Element(role="link", name="Orders"), "allow"),
        (Element(role="link", name="Order now"), "allow"),
        (Element(role="link", name="Delete"), "ask"),
        (Element(role="menuitem", name="Delete message"), "ask"),
        (Element(role="clickable", name="Buy now"), "ask"),
        (Element(role="listitem", name="Send your friends a voucher for Easter today"), "allow"),
        (Element(role="radio", name="Pay by card"), "allow"),
        (Element(role="tab", name="Send"), "allow"),
        (Element(role="textbox", name="Send to"), "allow"),
        (Element(role="columnheader", name="Order"), "allow"),
    ],
)
def test_what_a_click_does_is_read_off_the_element(element: Element, decision: str) -> None:
    seen = page(element)
    assert rule(Click(ref="[e1]"), seen).decision == decision
    assert rule(Press(key="Enter", ref="[e1]"), seen).decision in (decision, "allow")
    assert rule(Hover(ref="[e1]"), seen).decision == "allow"
    assert rule(Click(ref="[e1]", how="right"), seen).decision == "allow"
    assert rule(Download(ref="[e1]"), seen).decision == decision


def test_keys_that_press_a_button_are_clicks() -> None:
    seen = page(button("Pay", states=("focused",)))
    assert rule(Press(key="Enter"), seen).decision == "ask"
    assert rule(Press(key="Space"), seen).decision == "ask"
    assert rule(Press(key="Escape"), seen).decision == "allow"


def test_enter_in_a_form_does_what_its_button_does() -> None:
    send = page(
        Element(role="textbox", name="Message", states=("focused",)), button("+"), button("Send")
    )
    search = page(Element(role="searchbox", name="Search"), button("Send"))
    login = page(Element(role="textbox", name="Email"), button("Sign in"), button("Delete"))
    assert rule(Press(key="Enter", ref="[e1]"), send).decision == "ask"
    assert rule(Press(key="Control+Enter"), send).decision == "ask"
    assert rule(Fill(ref="[e1]", text="hi", submit=True), send).decision == "ask"
    assert rule(Fill(ref="[e1]", text="hi"), send).decision == "allow"
    assert rule(Press(key="a", ref="[e1]"), send).decision == "allow"
    assert rule(Press(key="Enter", ref="[e1]"), search).decision == "allow"
    assert rule(Fill(ref="[e1]", text="a@b.c", submit=True), login).decision == "allow"


def test_a_bare_ok_means_what_its_dialog_says() -> None:
    deleting = page(
        Element(role="dialog", name="Delete this message?"),
        Element(role="text", name="It cannot be undone.", depth=1),
        button("OK", depth=1),
        button("Cancel", depth=1),
    )
    cookies = page(
        Element(role="dialog", name="Cookies"),
        Element(role="text", name="We use cookies to send you offers.", depth=1),
        button("OK", depth=1),
    )
    confirm = page(Element(role="heading", name="Confirm your order"), button("Confirm"))
    ruling = rule(Click(ref="[e3]"), deleting)
    assert ruling.decision == "ask"
    assert "Delete this message?" in ruling.what
    assert rule(Click(ref="[e4]"), deleting).decision == "allow"
    assert rule(Click(ref="[e3]"), cookies).decision == "allow"
    assert rule(Click(ref="[e2]"), confirm).decision == "ask"


def test_the_browsers_own_dialogs_are_read_too() -> None:
    asking = page(dialog="confirm: Delete this order?")
    ruling = rule(AnswerDialog(accept=True), asking)
    assert ruling.decision == "ask"
    assert "Delete this order?" in ruling.what
    assert rule(AnswerDialog(accept=False), asking).decision == "allow"
    assert rule(AnswerDialog(accept=True), page(dialog="alert: Saved")).decision == "allow"


def test_uploads_always_ask_and_the_bin_deletes() -> None:
    seen = page(button("Choose file"), Element(role="listitem", name="Trash"))
    ruling = rule(Upload(ref="[e1]", path="/home/ann/cv.pdf"), seen)
    assert ruling.decision == "ask"
    assert "/home/ann/cv.pdf" in ruling.what
    assert rule(Drag(ref="[e1]", to="[e2]"), seen).decision == "ask"
    assert rule(Drag(ref="[e2]", to="[e1]"), seen).decision == "allow"


def test_a_secret_goes_to_its_own_site_only() -> None:
    secrets = Secrets({"PIN": ("0815-4711", ["bank.example"])})
    field = Element(role="textbox", name="PIN")
    policy = Policy(["*"], yes=True, secrets=secrets)
    bank, shop = page(field, url="https://bank.example/"), page(field)
    assert rule(Fill(ref="[e1]", text="{{PIN}}"), bank, policy).decision == "allow"
    ruling = rule(Fill(ref="[e1]", text="{{PIN}}"), shop, policy)
    assert ruling.decision == "refuse"
    assert "bound to bank.example" in ruling.reason
    assert rule(Fill(ref="[e1]", text="{{NO}}"), bank, policy).decision == "refuse"
