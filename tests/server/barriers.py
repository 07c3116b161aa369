"""What axe-core finds in a page that would keep somebody from using it, in light and in dark."""

from typing import Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

OPTIONS = {"resultTypes": ["violations"], "preload": False}
"""Preloading asks for style sheets anew, and for imported ones at the wrong address."""

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


async def barriers(page: Page, where: str) -> list[str]:
    """One line for each; `where` is what the page shows."""
    found = []
    for scheme in SCHEMES:
        # Colours that are still on their way to others would be judged.
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for rule in (await Axe().run(page, options=OPTIONS)).response["violations"]:
            for node in rule["nodes"]:
                why = " ".join(node["failureSummary"].split())
                found.append(f"{where}, {scheme}: {rule['help']}: {node['html'][:150]}: {why}")
    await page.emulate_media(color_scheme=None, reduced_motion=None)
    return found
