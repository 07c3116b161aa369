"""Filling in: every kind of field, list and check box, native and built by the page."""

import asyncio

import pytest

from tests.site_server import Site
from tests.tools.acting import Actor
from tools.secrets import Secrets
from tools.session import Session


async def test_fill_replaces_and_shows_the_line(actor: Actor) -> None:
    await actor.open("<label>Email <input value=old></label>")
    acted = await actor.act("fill", "textbox Email", text="ann@example.com")
    assert acted.line == "ok, textbox Email: ann@example.com"
    assert acted.outcome.expected == "ann@example.com"
    assert acted.outcome.locator == 'get_by_role("textbox", name="Email")'


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("<input id=f type=number>", "12", "12"),
        ("<input id=f type=date>", "2026-12-24", "2026-12-24"),
        ("<input id=f type=time>", "18:30", "18:30"),
        ("<input id=f type=color>", "#FF8800", "#ff8800"),
        ("<input id=f type=range min=0 max=10>", "7", "7"),
        ("<input id=f type=search>", "pizza", "pizza"),
        ("<textarea id=f></textarea>", "two\nlines", "two\nlines"),
    ],
)
async def test_fill_takes_every_kind_of_input(
    actor: Actor, field: str, text: str, value: str
) -> None:
    seen = await actor.open(f"<label for=f>Field</label>{field}")
    role = next(e.role for e in seen.elements if e.interactive)
    acted = await actor.act("fill", f"{role} Field", text=text)
    assert acted.verdict.ok, acted.line
    assert await actor.session.page.evaluate("f.value") == value


async def test_fill_a_rich_text_editor(actor: Actor) -> None:
    await actor.open("<div contenteditable aria-label=Note role=textbox id=f>old</div>")
    assert (await actor.act("fill", "textbox Note", text="new words")).verdict.ok
    assert await actor.session.page.evaluate("f.innerText") == "new words"


async def test_fill_a_slider_and_a_number_box_that_are_no_inputs(actor: Actor) -> None:
    await actor.show("custom_fields.html")
    assert (await actor.act("fill", "slider Volume", text="7")).line == "ok, slider Volume: 7"
    acted = await actor.act("fill", "slider Volume", text="99")
    assert acted.line == "wrong_value, slider Volume is 10, not 99"
    acted = await actor.act("fill", "slider Volume", text="loud")
    assert acted.line == "wrong_value, slider Volume does not take loud"


async def test_a_number_field_refuses_words(actor: Actor) -> None:
    await actor.open("<label>Guests <input type=number></label>")
    acted = await actor.act("fill", "spinbutton Guests", text="many")
    assert acted.line == "wrong_value, spinbutton Guests does not take many"


async def test_a_field_that_changes_what_is_written(actor: Actor) -> None:
    await actor.open("""<label>Code <input maxlength=3 oninput="this.value=''"></label>
        <label>Phone <input oninput="this.value=this.value.replace(/^(...)(....)$/, '$1-$2')">
        </label>""")
    acted = await actor.act("fill", "textbox Code", text="abc")
    assert acted.line == "wrong_value, textbox Code is empty, not abc"
    assert (await actor.act("fill", "textbox Phone", text="5551234")).line == (
        "ok, textbox Phone: 555-1234"
    )


async def test_a_read_only_field_is_told_at_once(actor: Actor) -> None:
    await actor.open("<label>Total <input readonly value=8></label>")
    for action in ("fill", "type"):
        async with asyncio.timeout(5):
            acted = await actor.act(action, "textbox Total", text="1")
        told = "disabled, textbox Total cannot be typed into; a click may open a choice"
        assert acted.line == told


async def test_fill_and_submit(actor: Actor) -> None:
    actor.site.page("/found.html", "<title>Results</title><h1>3 results</h1>")
    await actor.open("<form action=/found.html><label>Search <input name=q></label></form>")
    acted = await actor.act("fill", "textbox Search", text="pizza", submit=True)
    assert acted.line == 'ok, now at /found.html?q=pizza "Results"'


async def test_type_adds_key_by_key(actor: Actor) -> None:
    await actor.open("""<label>Name <input value=Ann onkeydown="k.textContent =
        +k.textContent + 1"></label><p role=status id=k></p>""")
    acted = await actor.act("type", "textbox Name", text=" Lee")
    assert acted.line == "ok, textbox Name: Ann Lee"
    assert "+ status 4" in acted.verdict.changed


async def test_secrets_are_filled_where_they_belong_and_never_come_back(
    session: Session, site: Site
) -> None:
    secrets = Secrets({"PASSWORD": ("hunter2secret", ["127.0.0.1"])})
    actor = Actor(session, site, secrets)
    await actor.open("""<label>Login <input id=f oninput="e.textContent = this.value"></label>
        <p role=status id=e></p>""")
    acted = await actor.act("fill", "textbox Login", text="{{PASSWORD}}")
    assert await session.page.evaluate("f.value") == "hunter2secret"
    assert acted.verdict.ok, acted.line
    assert "hunter2secret" not in repr(acted)
    assert "{{PASSWORD}}" in acted.line


async def test_a_secret_is_not_filled_on_another_site(session: Session, site: Site) -> None:
    actor = Actor(session, site, Secrets({"PASSWORD": ("hunter2secret", ["bank.example"])}))
    await actor.open("<label>Login <input id=f></label>")
    acted = await actor.act("fill", "textbox Login", text="{{PASSWORD}}")
    assert acted.line.startswith("blocked_by_policy, The secret PASSWORD is bound to bank.example")
    assert await session.page.evaluate("f.value") == ""
    acted = await actor.act("fill", "textbox Login", text="{{PIN}}")
    assert acted.line.startswith("blocked_by_policy, No secret PIN was given")


SIZES = """<label>Size <select id=s><option>Small<option>Medium
    <option disabled>Large<option>Family (+4.00)</select></label>"""


async def test_select_an_option_of_a_native_list(actor: Actor) -> None:
    await actor.open(SIZES)
    acted = await actor.act("select", "combobox Size", option="Medium")
    assert acted.line == (
        "ok, combobox Size: Medium (Small | Medium | Large (disabled) | Family (+4.00))"
    )
    assert acted.outcome.expected == "Medium"
    assert (await actor.act("select", "combobox Size", option="family")).verdict.ok
    assert await actor.session.page.evaluate("s.value") == "Family (+4.00)"


async def test_select_tells_of_disabled_and_missing_options(actor: Actor) -> None:
    await actor.open(SIZES)
    acted = await actor.act("select", "combobox Size", option="Large")
    assert acted.line == "disabled, Large is disabled"
    acted = await actor.act("select", "combobox Size", option="XL")
    assert acted.line == "not_found, no option XL, only Small, Medium, Large, Family (+4.00)"


async def test_a_choice_that_the_page_takes_back(actor: Actor) -> None:
    await actor.open("""<label>Size <select onchange="setTimeout(() => { this.value = 'Small';
        a.innerHTML = '<p role=alert>Large is sold out</p>' }, 20)">
        <option>Small<option>Large</select></label><div id=a></div>""")
    acted = await actor.act("select", "combobox Size", option="Large")
    assert acted.line == ("wrong_value, combobox Size is Small, not Large; alert Large is sold out")


async def test_select_several_of_a_list(actor: Actor) -> None:
    await actor.open("""<label>Toppings <select multiple id=t><option>Ham<option>Olives
        <option>Onion</select></label>""")
    await actor.act("select", "listbox Toppings", option="Ham")
    acted = await actor.act("select", "listbox Toppings", option="Onion")
    assert acted.verdict.ok, acted.line
    chosen = "[...t.selectedOptions].map(o => o.text.trim())"
    assert await actor.session.page.evaluate(chosen) == ["Ham", "Onion"]


async def test_select_in_lists_that_the_page_built(actor: Actor) -> None:
    await actor.show("listbox.html")
    acted = await actor.act("select", "combobox Crust", option="Thin")
    assert acted.line.startswith("ok, combobox Crust (collapsed): Thin")
    acted = await actor.act("select", "combobox Crust", option="Stuffed")
    assert acted.line == "disabled, Stuffed is disabled"
    assert "option Thick" not in acted.after.text, "the list is closed again"
    acted = await actor.act("select", "combobox City", option="Bergen")
    assert acted.line.startswith("ok, combobox City (collapsed): Bergen")
    acted = await actor.act("select", "combobox City", option="Atlantis")
    assert acted.verdict.cause == "not_found", acted.line
    acted = await actor.act("select", "listbox Drink", option="Water")
    assert acted.verdict.ok, acted.line
    assert await actor.session.page.evaluate("drink.dataset.value") == "Water"


async def test_check_and_uncheck(actor: Actor) -> None:
    await actor.open("""<label><input type=checkbox id=o> Olives</label>
        <label><input type=radio name=r> Card</label><label><input type=radio name=r> Cash</label>
        <button role=switch aria-checked=false aria-label=Gift onclick="this.setAttribute(
          'aria-checked', this.getAttribute('aria-checked') !== 'true')"></button>""")
    assert (await actor.act("check", "checkbox Olives")).line == "ok, checkbox Olives (checked)"
    assert (await actor.act("check", "checkbox Olives")).line == "ok, checkbox Olives (checked)"
    acted = await actor.act("check", "checkbox Olives", checked=False)
    assert acted.line == "ok, checkbox Olives"
    assert (await actor.act("check", "radio Cash")).line == "ok, radio Cash (checked)"
    acted = await actor.act("check", "radio Cash", checked=False)
    assert acted.line == "wrong_value, radio Cash is checked; choose another instead"
    assert (await actor.act("check", "switch Gift")).line == "ok, switch Gift (checked)"


@pytest.mark.parametrize(
    "hidden",
    [
        "position:absolute;opacity:0;width:0;height:0",
        "position:absolute;opacity:0",
        "position:absolute;left:-9999px",
        "position:absolute;clip:rect(0 0 0 0);width:1px;height:1px",
    ],
)
async def test_check_a_hidden_box_by_its_label(actor: Actor, hidden: str) -> None:
    await actor.open(f"""<label style="position:relative"><input type=checkbox id=o
        style="{hidden}"><span style="padding:10px;background:#ddd;position:relative">Olives</span>
        </label><p role=status id=s></p><script>o.onchange = () => s.textContent =
        o.checked ? 'Olives on' : 'Olives off'</script>""")
    acted = await actor.act("check", "checkbox Olives")
    assert acted.verdict.ok, acted.line
    assert await actor.session.page.evaluate("o.checked")


async def test_clickable_words_and_the_label_of_an_undisplayed_box(actor: Actor) -> None:
    await actor.open("""<p>See <a onclick="e.textContent = 'open'">more</a> here</p>
        <div><label>Olives <input type=checkbox style="display:none"></label></div>
        <p role=status id=e></p>""")
    assert (await actor.act("click", "clickable more")).line == "ok, + status open"
    assert (await actor.act("check", "checkbox Olives")).line == "ok, checkbox Olives (checked)"
    assert await actor.session.page.evaluate("document.querySelector('input').checked")
    assert (await actor.act("check", "checkbox Olives", checked=False)).verdict.ok
    assert not await actor.session.page.evaluate("document.querySelector('input').checked")


async def test_a_box_that_does_not_stay_checked(actor: Actor) -> None:
    await actor.open(
        """<label><input type=checkbox onchange="this.checked = false"> News</label>"""
    )
    acted = await actor.act("check", "checkbox News")
    assert acted.line == "wrong_value, checkbox News is not checked"


async def test_fields_in_a_frame_and_a_shadow_root(actor: Actor) -> None:
    actor.site.page("/pay.html", "<label>Card <input></label>")
    await actor.open(f"""<iframe src="{actor.site.other("/pay.html")}"></iframe><div id=h></div>
        <script>h.attachShadow({{mode: 'open'}}).innerHTML = '<label>City <input></label>'
        </script>""")
    acted = await actor.act("fill", "textbox Card", text="4242 4242")
    assert acted.line == "ok, textbox Card: 4242 4242"
    assert (await actor.act("fill", "textbox City", text="Bergen")).line == (
        "ok, textbox City: Bergen"
    )


async def test_a_password_is_filled_and_not_shown(actor: Actor) -> None:
    await actor.open("<label>Password <input type=password id=p></label>")
    acted = await actor.act("fill", "textbox Password", text="abcdefgh")
    assert acted.verdict.ok, acted.line
    assert await actor.session.page.evaluate("p.value") == "abcdefgh"


async def test_a_tool_is_not_pointed_at_what_it_cannot_act_on(actor: Actor) -> None:
    await actor.open("<h1>Menu</h1><button>Add</button>")
    acted = await actor.act("fill", "button Add", text="x")
    assert acted.line == "not_found, button Add is nothing to fill"


async def test_suggestions_that_come_a_moment_later_are_waited_for(actor: Actor) -> None:
    await actor.open(
        """<label>City <input class="ui-autocomplete-input" onfocus="this.className += ' on'"
        oninput="setTimeout(() => { found.innerHTML = '<li>Paris</li>' }, 300)"></label>
        <ul id=found></ul>"""
    )
    acted = await actor.act("fill", "textbox City", text="Par")
    assert "+ listitem Paris" in acted.verdict.changed
