"""The browser's own boxes: an action that opens one does not hang, and the model answers it."""

from tests.tools.acting import Actor

PAGE = """<p role=status id=out></p>
<button onclick="alert('Saved')">Save</button>
<button onclick="out.textContent = confirm('Delete it?') ? 'Deleted' : 'Kept'">Delete</button>
<button onclick="out.textContent = 'Hello ' + prompt('Your name?', 'Bob')">Greet</button>
<label>Size <select onchange="alert('Sold out'); this.value = 'Small'"><option>Small<option>Large
</select></label><a href=/next.html>Next</a>"""


async def test_an_alert_on_click_is_told_and_answered(actor: Actor) -> None:
    await actor.open(PAGE)
    acted = await actor.act("click", "button Save")
    assert acted.line == "ok, alert: Saved"
    assert acted.after.dialog == "alert: Saved"
    blocked = await actor.act("press", key="Enter")
    assert blocked.line == "dialog_open, alert: Saved"
    assert (await actor.act("dialog", accept=True)).line == "ok, alert closed"


async def test_confirm_is_accepted_or_dismissed(actor: Actor) -> None:
    await actor.open(PAGE)
    assert (await actor.act("click", "button Delete")).line == "ok, confirm: Delete it?"
    assert (await actor.act("dialog", accept=True)).line == "ok, confirm closed; status Deleted"
    assert (await actor.act("click", "button Delete")).line == "ok, confirm: Delete it?"
    acted = await actor.act("dialog", accept=False)
    assert "status Kept" in acted.line


async def test_a_prompt_takes_text(actor: Actor) -> None:
    await actor.open(PAGE)
    await actor.act("click", "button Greet")
    acted = await actor.act("dialog", accept=True, text="Ann")
    assert acted.line == "ok, prompt closed; status Hello Ann"


async def test_a_box_while_choosing_leaves_the_choice_open(actor: Actor) -> None:
    await actor.open(PAGE)
    acted = await actor.act("select", "combobox Size", option="Large")
    assert acted.line == "dialog_open, alert: Sold out"
    await actor.act("dialog", accept=True)
    assert "combobox Size[" in actor.seen.text and ": Small" in actor.seen.text  # type: ignore[union-attr]


async def test_no_dialog_is_open(actor: Actor) -> None:
    await actor.open(PAGE)
    assert (await actor.act("dialog", accept=True)).line == "not_found, no dialog is open"


async def test_leaving_a_page_that_asks_back(actor: Actor) -> None:
    actor.site.page("/next.html", "<title>Next</title><h1>Next</h1>")
    await actor.open(PAGE + "<input aria-label=Note><script>onbeforeunload = () => true</script>")
    await actor.act("fill", "textbox Note", text="unsaved")
    acted = await actor.act("click", "link Next")
    assert acted.line == "dialog_open, beforeunload"
    assert (await actor.act("dialog", accept=True)).line == 'ok, now at /next.html "Next"'
