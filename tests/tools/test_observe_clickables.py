"""What reacts to clicks although no markup says so."""

from playwright.async_api import Page

from tests.tools.looking import lines, see
from tools.locate import locate
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


async def test_what_listens_to_clicks_has_a_line(session: Session) -> None:
    """Neither cursor nor markup tells; the browser's developer tools do."""
    seen = await see(
        session,
        """<style>i { display: inline-block; width: 20px; height: 20px }</style>
        <div><p>Ann</p><p>Hello</p><i class=heart></i> <i class="bell active"></i></div>
        <div><p>Bob</p><p>Bye</p><i class=heart></i> <i class="bell"></i></div>
        <div id=card><b>Two words</b><p>in a card</p></div>
        <ul id=all><li>One</li><li>Two</li><li>Three</li></ul><p id=long></p><script>
        const hear = e => e.addEventListener("click", () => {});
        document.querySelectorAll("i, #card, #all, #long, body").forEach(hear);
        long.textContent = "Many words. ".repeat(12);
        </script>""",
    )
    assert lines(seen) == [
        "text Ann",
        "text Hello",
        "clickable heart (Ann)",
        "clickable bell (Ann) (pressed)",
        "text Bob",
        "text Bye",
        "clickable heart (Bob)",
        "clickable bell (Bob)",
        "clickable Two words in a card",
        "listitem One",
        "listitem Two",
        "listitem Three",
        "text " + ("Many words. " * 12).strip(),
    ]


async def test_empty_squares_of_a_board_can_be_clicked(session: Session) -> None:
    seen = await see(
        session,
        """<style>span { display: inline-block; width: 30px; height: 30px; border: 1px solid }
        </style><div id=board><span id=at-1></span><span id=at-2></span></div><script>
        for (const square of board.children)
          square.addEventListener("mousedown", () => square.className = "stone-black");
        </script>""",
    )
    assert lines(seen) == ["clickable at 1", "clickable at 2"]
    await locate(session.page, seen.elements[1].target).click()
    assert lines(await see(session)) == ["clickable at 1", "clickable at 2 stone black"]


async def test_a_handmade_slider_has_its_value_from_beside_it(session: Session) -> None:
    seen = await see(
        session,
        """<style>span { position: absolute; left: 30%; width: 20px; height: 20px }
        #volume { position: relative; width: 100px; height: 10px }</style>
        <div id=volume><span class=ui-slider-handle tabindex=0></span></div><p>30</p>""",
    )
    assert lines(seen) == ["slider volume: 30"]


async def test_pictures_have_the_names_that_libraries_give_them(session: Session) -> None:
    seen = await see(
        session,
        """<button class=xy-bold><svg><line class=xy-stroke /></svg></button>
        <button class="xy-italic xy-active"></button> <button class="btn btn-primary"></button>
        <style>u { display: inline-block; width: 9px; height: 9px; background: #06c }</style>
        <u tabindex=0></u>""",
    )
    assert lines(seen) == [
        "button bold",
        "button italic (pressed)",
        "button",
        "clickable blue",
    ]


async def test_an_editor_of_one_paragraph_is_a_field(session: Session) -> None:
    seen = await see(
        session, "<div><div contenteditable><p>Just so.</p></div></div><button>Save</button>"
    )
    assert lines(seen) == ["textbox: Just so.", "button Save"]


async def test_without_developer_tools_the_eyes_work_on(session: Session) -> None:
    async def none(page: Page) -> None:
        return None

    session.devtools = none  # type: ignore[method-assign]
    seen = await see(session, "<p>Text</p><button>Save</button>")
    assert lines(seen) == ["text Text", "button Save"]


async def test_a_name_is_no_part_of_a_longer_word_beside_it(session: Session) -> None:
    rows = [f"<li>{name} Spinner <button>bell</button></li>" for name in ("Isabella", "Ann")]
    seen = await see(session, f"<ul>{''.join(rows)}</ul>")
    assert " button bell (Isabella Spinner)" in lines(seen)
