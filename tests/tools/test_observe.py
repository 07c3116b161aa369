"""What a model sees of real pages."""

from tests.site_server import Site, html_answer, redirect
from tests.tools.looking import lines, see
from tools.session import Session


async def test_the_design_s_example_reads_as_the_design_says(session: Session) -> None:
    seen = await see(
        session,
        """<h1>Menu</h1><ul><li>Margherita 8.50 <button>Add</button></li></ul>
        <label>Size <select><option>Small<option>Medium<option disabled>Large</select></label>
        <label>Email <input value="ann@example.com"></label>
        <label><input type=checkbox checked> Olives</label>
        <div role=alert>Street is missing</div>""",
    )
    assert seen.text.splitlines() == [
        "heading Menu[e1]",
        "listitem Margherita 8.50[e2]",
        " button Add[e3]",
        "combobox Size[e4]: Small (Small | Medium | Large (disabled))",
        "textbox Email[e5]: ann@example.com",
        "checkbox Olives[e6] (checked)",
        "alert Street is missing[e7]",
    ]


async def test_wrappers_and_labels_and_empty_things_are_dropped(session: Session) -> None:
    seen = await see(
        session,
        """<header><div><div><nav><ul><li><a href=/a>Home</a></li><li></li></ul></nav></div></div>
        </header><main><section><div></div><p></p><img src=x>
        <label for=n>Name:</label><input id=n></section></main>""",
    )
    assert lines(seen) == ["link Home", "textbox Name:"]


async def test_named_groups_hold_their_fields(session: Session) -> None:
    seen = await see(
        session,
        """<fieldset><legend>Crust</legend><label><input type=radio name=c>Thin</label>
        <label><input type=radio name=c checked>Thick</label></fieldset>
        <section aria-label="Your order"><p>Nothing yet</p></section>""",
    )
    assert lines(seen) == [
        "group Crust",
        " radio Thin",
        " radio Thick (checked)",
        "region Your order",
        " text Nothing yet",
    ]


async def test_rows_are_one_line_and_hold_their_controls(session: Session) -> None:
    seen = await see(
        session,
        """<table><tr><th>Item<th>Price<th></tr><tr><td>Funghi<td>9.20<td><button>Remove</button>
        </tr><tr><td>Total<td>9.20<td></tr></table>""",
    )
    assert lines(seen) == [
        "row Item | Price | -",
        "row Funghi | 9.20",
        " button Remove",
        "row Total | 9.20 | -",
    ]


async def test_words_side_by_side_are_one_text(session: Session) -> None:
    seen = await see(
        session,
        """<div style="display:flex"><div>Subtotal</div><div>12.00</div></div>
        <p>All <b>fresh</b> and <em>warm</em>.</p><div><div>First</div><div>Second</div></div>""",
    )
    assert lines(seen) == [
        "text Subtotal 12.00",
        "text All fresh and warm.",
        "text First",
        "text Second",
    ]


async def test_a_term_and_what_it_means_are_one_text(session: Session) -> None:
    seen = await see(
        session,
        """<dl><dt>Order</dt><dd>#123</dd><dt>Total</dt><dd><b>12</b>.00</dd>
        <dt>Note</dt><dd><button>Edit</button></dd></dl>""",
    )
    assert lines(seen) == ["text Order #123", "text Total 12.00", "text Note", "button Edit"]


async def test_states_are_told(session: Session) -> None:
    seen = await see(
        session,
        """<button disabled>Pay</button><button aria-pressed=true>Bold</button>
        <button aria-expanded=false>More</button><button aria-expanded=true>Less</button>
        <label>Street <input required aria-invalid=true></label>
        <label>Code <input readonly value=7></label>
        <div role=switch tabindex=0 aria-checked=true>Wifi</div>
        <div role=checkbox tabindex=0 aria-checked=mixed>All</div>
        <div role=tablist><div role=tab tabindex=0 aria-selected=true>One</div></div>
        <details open><summary>Details</summary>Inside</details>
        <input autofocus aria-label=Here>""",
    )
    await session.page.get_by_label("Here").focus()
    seen = await see(session)
    assert lines(seen) == [
        "button Pay (disabled)",
        "button Bold (pressed)",
        "button More (collapsed)",
        "button Less (expanded)",
        "textbox Street (required, invalid)",
        "textbox Code (readonly): 7",
        "switch Wifi (checked)",
        "checkbox All (mixed)",
        "tab One (selected)",
        "button Details (expanded)",
        "text Inside",
        "textbox Here (focused)",
    ]


async def test_values_are_told_also_when_they_equal_the_name(session: Session) -> None:
    seen = await see(
        session,
        """<label>Size <input value=Size></label><input type=range aria-label=Volume value=40>
        <div role=slider tabindex=0 aria-label=Heat aria-valuenow=3 aria-valuetext=hot></div>
        <textarea aria-label=Note>two\nlines</textarea><progress value=3 max=10></progress>
        <div contenteditable aria-label=Text>rich <b>text</b></div>
        <select multiple size=3 aria-label=Days><option selected>Mon<option>Tue<option selected>Wed
        </select><input type=date aria-label=Day value=2026-11-24>""",
    )
    assert lines(seen) == [
        "textbox Size: Size",
        "slider Volume: 40",
        "slider Heat: hot",
        "textbox Note: two lines",
        "progressbar: 3/10",
        "textbox Text: rich text",
        "listbox Days: Mon, Wed (Mon | Tue | Wed)",
        "textbox Day (date): 2026-11-24",
    ]


async def test_an_aria_list_s_options_are_lines_and_a_select_s_are_not(session: Session) -> None:
    seen = await see(
        session,
        """<div role=combobox tabindex=0 aria-expanded=true aria-label=City>Rome</div>
        <div role=listbox aria-label=Cities><div role=option tabindex=0 aria-selected=true>Rome
        </div><div role=option tabindex=0>Paris</div></div>""",
    )
    assert lines(seen) == [
        "combobox City (expanded): Rome",
        "listbox Cities",
        " option Rome (selected)",
        " option Paris",
    ]


async def test_a_styled_checkbox_without_size_is_reached_by_its_label(session: Session) -> None:
    seen = await see(
        session,
        """<label style="cursor:pointer"><input type=checkbox
        style="position:absolute;width:0;height:0;opacity:0"><i></i> Olives</label>""",
    )
    olives = next(e for e in seen.elements if e.role == "checkbox")
    assert olives.target
    await session.page.get_by_ref(olives.target).check()
    assert "checkbox Olives (checked, focused)" in lines(await see(session))


async def test_nameless_controls_are_called_by_what_stands_beside_them(session: Session) -> None:
    seen = await see(
        session,
        """<table><tr><th>Topping</th><th>Amount</th></tr>
        <tr><td>Cheese</td><td><input></td></tr><tr><td><input></td><td></td></tr></table>
        <p>Street:</p><input>
        <div><input type=checkbox> Spicy</div>
        <ul><li><input type=checkbox> Vegan</li></ul>
        <div><b>City</b><input placeholder="e.g. Paris"></div>
        <div><input placeholder="Coupon"></div>
        <button title="Delete"></button><button><i class="fa fa-trash-can"></i></button>
        <input type=password>""",
    )
    assert [e.name for e in seen.elements if e.interactive] == [
        "Cheese",
        "Topping",
        "Street",
        "Spicy",
        "Vegan",
        "City",
        "Coupon",
        "Delete",
        "trash can",
        "Password",
    ]


async def test_twins_are_told_apart(session: Session) -> None:
    seen = await see(
        session,
        """<ul><li>Margherita <button>Add</button></li><li>Funghi <button>Add</button></li></ul>
        <h2>Home</h2><input aria-label=Street><h2>Work</h2><input aria-label=Street>
        <a href=/1>More</a><a href=/2>More</a>
        <table><tr><th>Day<th>From<th>To</tr><tr><td>Mon<td><input><td><input></tr></table>""",
    )
    controls = [(e.name, e.context) for e in seen.elements if e.interactive]
    assert controls == [
        ("Add", "Margherita"),
        ("Add", "Funghi"),
        ("Street", "Home"),
        ("Street", "Work"),
        ("More", ""),
        ("More", "2nd"),
        ("Mon", "From"),
        ("Mon", "To"),
    ]
    assert all(len(context) <= 40 for _, context in controls)


async def test_frames_are_seen_through_at_any_origin_and_depth(
    session: Session, site: Site
) -> None:
    site.page("/pay", "<label>Card <input value=4111></label>")
    inner = f"<button>Agree</button><iframe title=Card src='{site.url('/pay')}'></iframe>"
    site.page("/terms", inner)
    site.page("/shop", f"<h1>Shop</h1><iframe title=Terms src='{site.other('/terms')}'></iframe>")
    await session.page.goto(site.url("/shop"))
    seen = await see(session)
    assert lines(seen) == [
        "heading Shop",
        "iframe Terms",
        " button Agree",
        " iframe Card",
        "  textbox Card: 4111",
    ]
    card = next(e for e in seen.elements if e.role == "textbox")
    await session.page.get_by_ref(card.target).fill("4242")
    assert "  textbox Card (focused): 4242" in lines(await see(session))


async def test_open_shadow_roots_are_seen_into(session: Session) -> None:
    seen = await see(
        session,
        """<x-box><button>Slotted</button></x-box><script>
        customElements.define("x-box", class extends HTMLElement { connectedCallback() {
          const root = this.attachShadow({mode: "open"});
          root.innerHTML = "<label>Code <input type=password value=hunter2></label><x-in></x-in>" +
            "<slot></slot>";
          root.querySelector("x-in").attachShadow({mode: "open"}).innerHTML =
            "<button>Deep</button>";
        }});</script>""",
    )
    assert lines(seen) == ["textbox Code: ••••", "button Deep", "button Slotted"]


async def test_five_thousand_controls_are_all_known_and_the_budget_holds(session: Session) -> None:
    items = "".join(
        f"<li>Item {n} <a href='/{n}'>Details {n}</a><button>Add</button>"
        f"<input aria-label='Amount {n}'><input type=checkbox aria-label=Take></li>"
        for n in range(1250)
    )
    seen = await see(session, f"<ul>{items}</ul>", budget=8000, focus="Add item 777 to the basket")
    assert sum(e.interactive for e in seen.elements) == 5000
    assert len({e.ref for e in seen.elements}) == len(seen.elements)
    assert seen.tokens == len(seen.text) <= 8000
    assert "listitem Item 777" in "\n".join(lines(seen))
    assert "button Add (Item 777)" in "\n".join(lines(seen))
    assert seen.text.count("more: ") >= 2


async def test_days_of_a_calendar_are_each_a_control(session: Session) -> None:
    seen = await see(
        session,
        """<style>td{cursor:pointer}</style><table role=grid><tr><td role=gridcell>1</td>
        <td role=gridcell>2</td></tr></table>
        <table><tr style="cursor:pointer"><td>A mail</td><td>today</td></tr></table>""",
    )
    assert lines(seen) == ["clickable 1", "clickable 2", "clickable A mail today"]


async def test_what_is_scrolled_out_of_a_box_is_out_of_view(session: Session) -> None:
    seen = await see(
        session,
        """<div style="height:60px;overflow:auto"><p>a</p><button style="margin-top:200px">In
        </button><p>b</p></div><button>Out</button>""",
    )
    assert "button In (below)" in lines(seen)
    assert "button Out" in lines(seen)


async def test_an_open_dialog_is_told_and_nothing_hangs(session: Session) -> None:
    await see(session, "<title>Shop</title><button>Delete</button>")
    await session.page.evaluate("setTimeout(() => confirm('Really delete?'), 0)")
    await session.unless_dialog(session.page.wait_for_timeout(5000))
    seen = await see(session)
    assert (seen.dialog, seen.text, seen.elements) == ("confirm: Really delete?", "", [])
    assert seen.title == "Shop"
    await session.answer_dialog(True)
    assert lines(await see(session)) == ["button Delete"]


async def test_looking_while_the_page_navigates_shows_the_new_page(
    session: Session, site: Site
) -> None:
    site.handle("/go", lambda _: redirect("/there"))
    site.page("/there", "<h1>There</h1>")
    await session.page.goto(site.page("/here", "<h1>Here</h1>"))
    await session.page.evaluate("setTimeout(() => { location.href = '/go' }, 5)")
    await session.page.wait_for_url("**/there")
    assert lines(await see(session)) == ["heading There"]


async def test_tabs_and_address_are_told(session: Session, site: Site) -> None:
    site.handle("/x", lambda _: html_answer("<title>X</title><p>x</p>"))
    await session.page.goto(site.url("/x?a=1#part"))
    session.adopt(await session.context.new_page())
    seen = await see(session)
    assert (seen.tabs, seen.tab) == (["X", "about:blank"], 1)
    session.switch(0)
    seen = await see(session)
    assert (seen.title, seen.tab, seen.url) == ("X", 0, site.url("/x?a=1#part"))


async def test_two_looks_at_one_page_are_equal(session: Session) -> None:
    html = "<ul><li>A <button>Add</button></li><li>B <button>Add</button></li></ul>"
    first = await see(session, html)
    assert await see(session) == first
