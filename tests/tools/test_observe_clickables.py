"""What reacts to clicks although no markup says so."""

from tests.tools.looking import lines, see
from tools.session import Session


async def test_what_only_looks_clickable_is_a_control(session: Session) -> None:
    seen = await see(
        session,
        """<style>.c{cursor:pointer}</style>
        <div class=c><h3>Funghi</h3><p>with mushrooms</p></div>
        <div onclick="1">Plain</div>
        <ul class=c><li>One</li><li>Two</li></ul>
        <label class=c><input type=checkbox>Olives</label>
        <a href=/x class=c><span>Inside a link</span></a>
        <div class=c>Capricciosa <button>Add</button></div>""",
    )
    assert lines(seen) == [
        "clickable Funghi with mushrooms",
        "clickable Plain",
        "clickable One",
        "clickable Two",
        "checkbox Olives",
        "link Inside a link",
        "clickable Capricciosa",
        " button Add",
    ]


async def test_handmade_links_stand_alone_in_a_panel_with_a_role(session: Session) -> None:
    seen = await see(
        session,
        """<style>span { cursor: pointer }</style><div role=tabpanel aria-label=Notes>
        <p>In all <span>a</span> is one of <span>two</span></p></div>""",
    )
    assert lines(seen) == [
        "tabpanel Notes",
        " text In all",
        " clickable a",
        " text is one of",
        " clickable two",
    ]


async def test_pictures_are_called_what_the_page_s_source_calls_them(session: Session) -> None:
    seen = await see(
        session,
        """<style>b { display: inline-block; width: 20px; height: 20px; cursor: pointer }</style>
        <b class="icon trash"></b> <b id=mark_read></b> <b title=Star class=css-1x></b>""",
    )
    assert lines(seen) == ["clickable trash", "clickable mark read", "clickable Star"]


async def test_pictures_with_words_side_by_side_are_one_button_each(session: Session) -> None:
    seen = await see(
        session,
        """<style>i, em { display: inline-block; width: 16px; height: 16px }</style>
        <div style="cursor: pointer"><span><i></i><u>Reply</u></span>
        <span><i></i><u>Forward</u></span></div>
        <a onclick="go()">More</a> <a>Less</a> <a name=top>Top</a>""",
    )
    assert lines(seen) == [
        "clickable Reply",
        "clickable Forward",
        "clickable More",
        "clickable Less",
        "text Top",
    ]


async def test_clickable_words_in_a_line_are_controls(session: Session) -> None:
    """Playwright's snapshot takes them for words of what is around them."""
    seen = await see(
        session,
        """<div><span style="cursor:pointer">One</span></div><p>or <a onclick="1">Two</a> so</p>
        <div><label>Three <input type=checkbox style="display:none" checked></label></div>
        <div><label for=f>Four</label><input id=f type=file hidden></div>
        <button><span style="cursor:pointer">Five</span></button><p>just words</p>""",
    )
    assert lines(seen) == [
        "clickable One",
        "text or",
        "clickable Two",
        "text so",
        "checkbox Three (checked)",
        "file Four",
        "button Five",
        "text just words",
    ]


async def test_a_name_is_no_part_of_a_longer_word_beside_it(session: Session) -> None:
    rows = [f"<li>{name} Spinner <button>bell</button></li>" for name in ("Isabella", "Ann")]
    seen = await see(session, f"<ul>{''.join(rows)}</ul>")
    assert " button bell (Isabella Spinner)" in lines(seen)
