"""Everything that ends a run from the browser's side.

ToolError                    base: one clear sentence, with what to do
├── BrowserMissing           no browser can be found or started
├── BrowserGone              the browser or its last page went away in mid-run
├── PolicyRefused            the policy does not allow a site or an address
├── SecretMissing            a named secret has no value, or not for this site
└── StorageFailed            a folder cannot be written (read-only, full)

What the model can mend is no error here but a `Verdict` (see `tools.causes`).
"""


class ToolError(Exception):
    """Base of the errors that the command line and the server turn into one sentence."""


class BrowserMissing(ToolError):
    """No browser was found, or the one found does not start."""


class BrowserGone(ToolError):
    """The browser or the tab worked in went away; the run can be resumed."""


class PolicyRefused(ToolError):
    """The address is not allowed for this run."""


class SecretMissing(ToolError):
    """A secret that the task names has no value here."""


class StorageFailed(ToolError):
    """A file or folder of the run cannot be written."""
