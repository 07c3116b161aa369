"""Clicking, hovering, scrolling and dragging, and all that keeps a pointer from it."""

import pytest

from tests.tools.acting import Actor
from tools.causes import Cause

COVERED = """<h1>Shop</h1><button onclick="this.textContent='Added'">Add</button>"""


async def test_a_click_tells_what_came_of_it(actor: Actor) -> None:
    await actor.open("""<button onclick="out.textContent='3 items'">Add</button>
        <div role=status id=out></div>""")
    acted = await actor.act("click", "button Add")
    assert acted.line == "ok, + status 3 items"
    assert acted.verdict.changed == ["+ status 3 items"]
    assert acted.outcome.locator == 'get_by_role("button", name="Add")'


async def test_a_click_that_does_nothing_says_so(actor: Actor) -> None:
    await actor.open("<button>Dead</button><p>Text</p>")
    acted = await actor.act("click", "button Dead")
    assert acted.line == "no_effect, nothing on the page changed"


async def test_a_click_on_a_link_tells_where_it_led(actor: Actor) -> None:
    actor.site.page("/address.html", "<title>Address</title><h1>Your address</h1>")
    await actor.open("<a href=/address.html>Checkout</a>")
    acted = await actor.act("click", "link Checkout")
    assert acted.line == 'ok, now at /address.html "Address"'


async def test_a_click_into_a_field_is_an_effect_though_only_the_focus_moves(actor: Actor) -> None:
    await actor.open("<label>Email <input></label>")
    assert (await actor.act("click", "textbox Email")).verdict.ok


@pytest.mark.parametrize(
    ("cover", "evidence"),
    [
        ("<div role=dialog aria-label=Cookies class=over><p>We use cookies</p></div>",
         "dialog Cookies covers it"),
        ("<div role=dialog aria-labelledby=h class=over><h2 id=h>Newsletter</h2></div>",
         "dialog Newsletter covers it"),
        ("<section aria-label=Basket class=over>Empty <button>Close</button></section>",
         "region Basket covers it"),
        ("<div class=over><p>We use cookies.</p><button>Accept</button></div>",
         "text We use cookies. covers it"),
        ("<div class=over id=spinner></div>", "div#spinner covers it"),
        ("<div class=over></div><div role=dialog aria-label=Sale class=corner>50 %</div>",
         "dialog Sale covers it"),
        ("<cookie-box></cookie-box><script>customElements.define('cookie-box', class extends "
         "HTMLElement { connectedCallback() { this.attachShadow({mode: 'open'}).innerHTML = "
         "'<div role=dialog aria-label=Consent style=\"position:fixed;inset:0;background:#fff\">"
         "<button>Fine</button></div>' } })</script>",
         "dialog Consent covers it"),
        ("<dialog id=d aria-label=Hello>Welcome <button>Close</button></dialog>"
         "<script>d.showModal()</script>",
         "dialog Hello covers it"),
    ],
)  # fmt: skip
async def test_a_covered_click_names_what_covers(actor: Actor, cover: str, evidence: str) -> None:
    style = """<style>.over { position: fixed; inset: 0; background: #fffc }
        .corner { position: fixed; right: 0; bottom: 0; width: 80px; height: 40px }</style>"""
    await actor.open(style + COVERED + cover)
    acted = await actor.act("click", "button Add")
    assert acted.line == f"covered, {evidence}"
    assert await actor.session.page.get_by_text("Added").count() == 0


async def test_a_field_in_a_frame_covered_from_outside(actor: Actor) -> None:
    await actor.open("""<iframe srcdoc="<button>Pay</button>"></iframe>
        <div role=dialog aria-label=Chat style="position:fixed;inset:0;background:#fff">Hi</div>""")
    assert (await actor.act("click", "button Pay")).line == "covered, dialog Chat covers it"


async def test_a_cover_that_goes_by_itself_is_waited_for(actor: Actor) -> None:
    await actor.open(f"""{COVERED}<div id=c style="position:fixed;inset:0"></div>""")
    await actor.session.page.evaluate("setTimeout(() => c.remove(), 150)")
    assert (await actor.act("click", "button Add")).line == "ok, ~ button Added"


async def test_a_sticky_footer_over_a_button_far_down_is_scrolled_out_of_the_way(
    actor: Actor,
) -> None:
    await actor.open("""<div style="height:1500px">Long</div>
        <button onclick="this.textContent='Done'">Go</button><div style="height:1500px"></div>
        <footer style="position:fixed;left:0;right:0;bottom:0;height:100px;background:#ddd">
        Foot</footer>""")
    assert (await actor.act("click", "button Go")).line == "ok, ~ button Done"


async def test_disabled_hidden_gone(actor: Actor) -> None:
    page = """<button disabled>Pay</button><button id=h>Help</button>
        <button id=g>Gift</button><button aria-disabled=true>Later</button>"""
    for name, line in [
        ("Pay", "disabled, button Pay is disabled"),
        ("Later", "disabled, button Later is disabled"),
        ("Help", "not_visible, button Help is hidden"),
        ("Gift", "detached, button Gift is gone"),
    ]:
        await actor.open(page)
        await actor.session.page.evaluate("h.style.visibility = 'hidden'; g.remove()")
        assert (await actor.act("click", f"button {name}")).line == line


async def test_an_unknown_ref_is_not_found_and_names_what_is_near(actor: Actor) -> None:
    await actor.open("<button>Save</button><button>Cancel</button>")
    acted = await actor.act("click", ref="[e99]")
    assert acted.verdict.cause is Cause.NOT_FOUND
    assert acted.verdict.evidence.startswith("no [e99] on the page; near: button ")


async def test_a_list_drawn_anew_since_the_look_is_clicked_all_the_same(actor: Actor) -> None:
    await actor.open("""<ul id=list></ul><p role=status id=out></p><script>
        const draw = () => list.innerHTML = ['Funghi', 'Diavola'].map(n => `<li>${n}
          <button onclick="out.textContent='${n} added'">Add</button></li>`).join('');
        draw()</script>""")
    await actor.session.page.evaluate("draw()")
    acted = await actor.act("click", "button Add (Diavola)")
    assert acted.line == "ok, + status Diavola added"


async def test_the_page_changed_under_it(actor: Actor) -> None:
    await actor.open("<button>Next</button>")
    seen = actor.seen
    await actor.open("<h1>Elsewhere</h1>", "/elsewhere.html")
    actor.seen = seen
    acted = await actor.act("click", "button Next")
    assert acted.line == "navigated_away, page changed under it"


async def test_double_and_right_click(actor: Actor) -> None:
    await actor.open("""<button ondblclick="o.textContent='twice'"
        oncontextmenu="o.textContent='menu'; return false">Row</button><p role=status id=o></p>""")
    assert (await actor.act("click", "button Row", how="double")).line == "ok, + status twice"
    assert (await actor.act("click", "button Row", how="right")).line == "ok, ~ status menu"


async def test_in_shadow_roots_and_nested_frames(actor: Actor) -> None:
    actor.site.page("/inner.html", "<button onclick=\"this.textContent='Paid'\">Pay</button>")
    actor.site.page("/middle.html", f'<iframe src="{actor.site.other("/inner.html")}"></iframe>')
    await actor.open("""<div id=host></div><iframe src=/middle.html></iframe><script>
        host.attachShadow({mode: 'open'}).innerHTML =
          `<button onclick="this.textContent='Open'">Shadow</button>`</script>""")
    assert (await actor.act("click", "button Shadow")).line == "ok, ~ button Open"
    acted = await actor.act("click", "button Pay")
    assert acted.line == "ok, ~ button Paid"
    assert acted.outcome.locator.endswith('content_frame.get_by_role("button", name="Pay")')


async def test_the_locator_replays_in_a_new_tab(actor: Actor) -> None:
    await actor.open("""<iframe srcdoc="<button>Pay</button>"></iframe><button>Other</button>""")
    locator = (await actor.act("click", "button Pay")).outcome.locator
    page = await actor.session.context.new_page()
    await page.goto(actor.site.url("/made-up.html"))
    assert await eval(f"page.{locator}", {"page": page}).inner_text() == "Pay"


async def test_a_rejected_form_tells_the_alert(actor: Actor) -> None:
    await actor.open("""<label>Street <input id=s></label><div id=a></div>
        <button onclick="s.setAttribute('aria-invalid', 'true');
          a.innerHTML='<p role=alert>Street is missing</p>'">Save</button>""")
    acted = await actor.act("click", "button Save")
    assert acted.line == "wrong_value, alert Street is missing"


async def test_only_an_alert_came_is_no_effect_a_status_is_fine(actor: Actor) -> None:
    await actor.open("""<div id=a></div>
        <button onclick="a.innerHTML='<p role=alert>Something went wrong</p>'">Send</button>
        <button onclick="a.innerHTML='<p role=status>Added</p>'">Add</button>""")
    assert (await actor.act("click", "button Send")).line == (
        "no_effect, alert Something went wrong"
    )
    assert (await actor.act("click", "button Add")).line == "ok, + status Added"


async def test_a_slow_answer_is_waited_for(actor: Actor) -> None:
    await actor.open("""<button onclick="fetch('/slow').then(r => r.text())
        .then(t => out.textContent = t)">Ask</button><p role=status id=out></p>""")
    actor.site.handle("/slow", lambda _: (200, {}, b"Here it is"))
    assert (await actor.act("click", "button Ask")).line == "ok, + status Here it is"


async def test_hover_opens_what_opens_on_hover(actor: Actor) -> None:
    await actor.open("""<style>#m { display: none } button:hover + #m { display: block }</style>
        <button>Menu</button><div id=m><a href=/x>Drinks</a></div>""")
    assert (await actor.act("hover", "button Menu")).line == "ok, + link Drinks"


async def test_scrolling_the_page_and_an_area_in_it(actor: Actor) -> None:
    await actor.open("""<div style="height:90px;overflow:auto" id=box><p>First</p>
        <div style="height:900px"></div><button>Deep</button></div>
        <div style="height:3000px"></div><button>Bottom</button>""")
    acted = await actor.act("scroll", direction="bottom")
    assert acted.line == "ok, scrolled bottom"
    assert "above" not in acted.after.element(actor.ref("button Bottom")).states  # type: ignore[union-attr]
    assert (await actor.act("scroll", direction="down")).line == (
        "no_effect, the bottom is reached already"
    )
    await actor.act("scroll", "button Deep", direction="down")
    assert await actor.session.page.evaluate("box.scrollTop") > 0


async def test_a_page_that_scrolls_in_an_inner_area(actor: Actor) -> None:
    await actor.open("""<body style="margin:0;overflow:hidden"><main id=m
        style="height:100vh;overflow:auto"><p>Top</p><div style="height:3000px"></div></main>""")
    assert (await actor.act("scroll", direction="down")).verdict.ok
    assert await actor.session.page.evaluate("m.scrollTop") > 300


async def test_drag_and_drop_of_html_and_by_pointer(actor: Actor) -> None:
    await actor.show("drag.html")
    acted = await actor.act("drag", "listitem Milk", to=actor.ref("region Done"))
    assert "+ status Milk dropped" in acted.verdict.changed
    acted = await actor.act("drag", "button Handle", to=actor.ref("button Slot"))
    assert "+ status Handle in slot" in acted.verdict.changed


SORTABLE = """<ul style="touch-action: none">
<li>Ann</li><li>Bob</li><li>Cid</li><li>Dan</li></ul><p role=status></p>
<script>
let held = null;
document.onpointerdown = event => { held = event.target.closest('li'); event.preventDefault(); };
document.onpointermove = event => {
  const over = held && document.elementsFromPoint(event.x, event.y).find(e => e.matches('li'));
  if (!over || over === held) return;
  const box = over.getBoundingClientRect(), middle = box.y + box.height / 2;
  if (event.y > middle + 1) over.after(held); else if (event.y < middle - 1) over.before(held);
};
document.onpointerup = () => {
  held = null;
  document.querySelector('p').textContent =
    [...document.querySelectorAll('li')].map(e => e.textContent).join(' ');
};
</script>"""


@pytest.mark.parametrize(
    ("what", "onto", "order"),
    [("Ann", "Cid", "Bob Cid Ann Dan"), ("Dan", "Bob", "Ann Dan Bob Cid")],
)
async def test_a_drag_in_a_sortable_list_changes_places(
    actor: Actor, what: str, onto: str, order: str
) -> None:
    await actor.open(SORTABLE)
    acted = await actor.act("drag", f"listitem {what}", to=actor.ref(f"listitem {onto}"))
    assert f"+ status {order}" in acted.verdict.changed


MENU = """<div role=menu><div role=menuitem aria-haspopup=true
  onmouseenter="setTimeout(() => { sub.hidden = false }, 300)">File</div>
<div role=menu id=sub hidden><div role=menuitem>Print</div></div></div>"""


async def test_a_submenu_that_opens_a_moment_later_is_waited_for(actor: Actor) -> None:
    await actor.open(MENU)
    acted = await actor.act("hover", "menuitem File")
    assert "+ menuitem Print" in acted.verdict.changed
